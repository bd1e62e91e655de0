import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Publication } from '../../../src/publications/publication.js';
import { countRows, lantern, createLantern, openTerminal, type Terminal } from '../open-terminal.js';

let terminal: Terminal;
jest.setTimeout(90_000);

beforeEach(async () => {
  terminal = await openTerminal();
});

afterEach(async () => {
  await terminal.close();
});

test('a publication is created, listed, shown and changed', async () => {
  const { run, json } = terminal;
  expect(await run('publication', 'list')).toEqual({
    code: 0,
    stdout: 'There is no publication yet.\n',
    stderr: '',
  });
  expect(await run('publication', 'show')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^There is no publication yet\./),
  });
  const made = await run('publication', 'create', ...lantern, 'postalAddress=1 Quay Street, Marrowby');
  expect(made).toEqual({ code: 0, stdout: 'Made The Lantern (lantern).\n', stderr: '' });
  const shown = await json<Publication>('publication', 'show');
  expect(shown).toMatchObject({
    ...{ slug: 'lantern', name: 'The Lantern', fromName: 'The Lantern', defaultCadence: 'daily', hour: 7 },
    ...{ holdMinutes: 10, timezone: 'UTC', postalAddress: '1 Quay Street, Marrowby', archivedAt: null },
  });
  expect(await json('publication', 'list')).toEqual([shown]);
  const { stdout } = await run('publication', 'show');
  expect(stdout).toMatch(/^defaultCadence +daily$/m);

  const changes = ['holdMinutes=0', 'defaultCadence=instant', 'timezone=Africa/Nairobi', 'postalAddress='];
  const changed = await json<Publication>('publication', 'set', ...changes);
  expect(changed).toEqual({
    ...shown,
    ...{ holdMinutes: 0, defaultCadence: 'instant', timezone: 'Africa/Nairobi', postalAddress: null },
  });
  const renamed = await json<Publication>('publication', 'set', 'slug=beacon', 'name=The Beacon');
  expect(renamed).toMatchObject({ id: shown.id, slug: 'beacon', name: 'The Beacon' });
  expect(await json('publication', 'show', '--publication', 'beacon')).toEqual(renamed);
});

test('every wrong value is reported, and nothing is changed', async () => {
  const { run, db } = terminal;
  const wrong = await run(
    ...['publication', 'create', 'slug=Demo!', 'name=', 'siteUrl=nowhere', 'hour=24', 'weekday=1.5'],
    ...['timezone=+03:00', 'accent=red', 'defaultCadence=hourly', 'colour=blue'],
  );
  expect(wrong.code).toBe(2);
  expect(wrong.stdout).toBe('');
  for (const sentence of [
    'Nothing was changed.',
    'slug is lower-case letters, digits and dashes, at most 63.',
    'name cannot be empty.',
    'siteUrl is not a web address like https://example.com.',
    'fromAddress is missing.',
    'hour is a whole number from 0 to 23.',
    'weekday is a whole number from 1 to 7.',
    'timezone is not a time zone; use an IANA name like Africa/Nairobi or Europe/Berlin.',
    'accent is a colour like #9a3412.',
    'defaultCadence is one of instant, daily, weekly, monthly.',
    'There is no setting colour.',
  ]) {
    expect(wrong.stderr).toContain(sentence);
  }
  const ours = await run('publication', 'create', 'slug=demo', ...lantern.slice(1));
  expect([ours.code, ours.stderr]).toEqual([
    2,
    'Nothing was changed. slug is one of our own routes; choose another.\n',
  ]);
  const pair = await run('publication', 'create', 'lantern');
  expect([pair.code, pair.stderr]).toEqual([
    2,
    'Settings are written name=value, and this is not one: lantern\n',
  ]);
  expect(await countRows(db, 'publications')).toBe(0);
});

test('an empty hour is refused and not read as midnight', async () => {
  const { run, json, db } = terminal;
  await createLantern(db);
  const refused = await run('publication', 'set', 'hour=', 'name=Other');
  expect([refused.code, refused.stderr]).toEqual([2, 'Nothing was changed. hour cannot be empty.\n']);
  expect(await json('publication', 'show')).toMatchObject({ hour: 7, name: 'The Lantern' });
});

test('a publication must be named when there are several, and need not be when there is one', async () => {
  const { run, json, db } = terminal;
  await createLantern(db);
  expect(await json('feed', 'list')).toEqual([]);
  const taken = await run('publication', 'create', ...lantern);
  expect([taken.code, taken.stderr]).toEqual([1, 'There is a publication "lantern" already.\n']);
  expect(await json('publication', 'create', 'slug=beacon', ...lantern.slice(1))).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    slug: 'beacon',
  });
  const which = 'There are several publications (lantern, beacon). Say which with --publication SLUG.\n';
  const commands = [
    ['publication', 'set', 'hour=8'],
    ['feed', 'add', 'http://127.0.0.1:1/feed'],
    ['article', 'add', '--title', 'A'],
    ['digest', 'send'],
  ];
  const answers = await Promise.all(commands.map((words) => run(...words)));
  expect(answers).toEqual(commands.map(() => ({ code: 2, stdout: '', stderr: which })));
  expect(await run('feed', 'list', '--publication', 'beacon')).toMatchObject({ code: 0 });
  expect(await run('feed', 'list', '--publication', 'nobody')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'There is no publication "nobody". Nothing was changed.\n',
  });
});

test('archiving needs a confirmation, and then nothing is added or sent', async () => {
  const { run, db } = terminal;
  await createLantern(db);
  const unsure = await run('publication', 'archive', '--publication', 'lantern');
  expect([unsure.code, unsure.stderr]).toEqual([
    2,
    'Nothing was changed. Add --yes to archive it: there is no way back.\n',
  ]);
  expect(await run('publication', 'archive', '--publication', 'lantern', '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^The Lantern is archived\./),
  });
  expect(await run('publication', 'list')).toMatchObject({ stdout: 'There is no publication yet.\n' });
});
