import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { addReader, createLantern, openTerminal, type Terminal } from '../open-terminal.js';

jest.setTimeout(90_000);
let terminal: Terminal;

beforeEach(async () => {
  terminal = await openTerminal();
  await createLantern(terminal.db);
});
afterEach(() => terminal.close());

type Page = { data: Record<string, unknown>[]; nextCursor: string | null };

const email = 'imani@example.com';
const note = ['--note', `asked by telephone, from ${email}`];

test('an address is suppressed and let go again, who and why is recorded, and it is stored nowhere', async () => {
  const { run, json, db } = terminal;
  expect(await json('suppression', 'add', 'Imani@Example.com', ...note)).toEqual({ added: true });
  expect(await json('suppression', 'add', email, ...note)).toEqual({ added: false });
  const { data } = await json<Page>('suppression', 'list', email);
  expect(data).toEqual([
    expect.objectContaining({
      publication: 'lantern',
      reason: 'operator',
      hashPrefix: expect.stringMatching(/^[0-9a-f]{12}$/),
    }),
  ]);
  expect(data[0]?.['note']).toMatch(/^asked by telephone, from /);
  const printed = await run('suppression', 'list');
  expect(printed.stdout).toMatch(/operator +since .* lantern +asked by telephone/);
  expect(printed.stdout).not.toContain(email);
  expect(await json('suppression', 'remove', email, ...note)).toEqual({
    lifted: [{ reason: 'operator', everywhere: false }],
    remaining: [],
    readerMayUndoUntil: null,
  });
  expect((await run('suppression', 'list')).stdout).toBe('No address is suppressed.\n');
  const changes = await db.many(sql`select * from suppression_changes order by id`);
  expect(changes).toEqual([
    expect.objectContaining({ change: 'added', changedBy: 'operator', reason: 'operator' }),
    expect.objectContaining({ change: 'lifted', changedBy: 'operator', reason: 'operator' }),
  ]);
  expect(JSON.stringify(changes)).not.toContain(email);
  const nothing = await run('suppression', 'remove', email, ...note);
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('Nothing was changed.')]);
});

test('pages of the list follow each other, and each suppression is on one', async () => {
  const { json } = terminal;
  for (const one of ['a', 'b', 'c'])
    await json('suppression', 'add', `${one}@example.com`, '--everywhere', ...note);
  const first = await json<Page>('suppression', 'list', '--limit', '2');
  const rest = await json<Page>('suppression', 'list', '--limit', '2', '--cursor', first.nextCursor ?? '');
  expect([first.data.length, rest.data.length, rest.nextCursor]).toEqual([2, 1, null]);
  expect(new Set([...first.data, ...rest.data].map(({ id }) => id)).size).toBe(3);
});

test('a bounce is lifted with the soft bounces; a block is left to the reader for a day', async () => {
  const { run, json, db } = terminal;
  await addReader(db, 'lantern', email);
  await json('suppression', 'add', email, ...note);
  const mayBounce = sql`update suppressions set reason = 'bounced', publication_id = null`;
  await db.run(mayBounce);
  await db.run(sql`
    with digest as (
      insert into digests (publication_id, cadence, period, state, expires_at, key_id, created_at)
      select id, 'daily', '2026-11-22', 'closed', now(), 'k', now() from publications
      returning id
    )
    insert into soft_bounces (subscription_id, digest_id, deferred_at)
    select subscriptions.id, digest.id, now() from subscriptions, digest
  `);
  expect(await json('suppression', 'remove', email, ...note)).toMatchObject({
    lifted: [{ reason: 'bounced', everywhere: true }],
  });
  expect(await db.many(sql`select from soft_bounces`)).toEqual([]);

  await json('suppression', 'add', email, ...note);
  await db.run(sql`update suppressions set reason = 'never'`);
  const early = await run('suppression', 'remove', email, ...note);
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('only she can undo that until')]);
  await db.run(sql`update suppressions set created_at = created_at - interval '1 day'`);
  expect(await json('suppression', 'remove', email, ...note)).toMatchObject({
    lifted: [{ reason: 'never', everywhere: false }],
  });
});

test('a domain is suppressed and let go again, and an address there says why it is not mailed', async () => {
  const { run, json } = terminal;
  expect(await json('suppression', 'add', '--domain', '@Trap.Example', ...note)).toEqual({ added: true });
  expect(await json('suppression', 'add', '--domain', 'trap.example', ...note)).toEqual({ added: false });
  const { data } = await json<Page>('suppression', 'list', 'ada@trap.example');
  expect(data).toMatchObject([{ domain: 'trap.example', reason: 'operator', source: 'operator' }]);
  expect((await run('suppression', 'list')).stdout).toContain('@trap.example');
  const one = await run('suppression', 'remove', 'ada@trap.example', ...note);
  expect([one.code, one.stderr]).toEqual([1, expect.stringContaining('lifted with --domain')]);
  expect(await json('suppression', 'remove', '--domain', 'trap.example', ...note)).toMatchObject({
    lifted: [{ reason: 'operator', everywhere: false, domain: 'trap.example' }],
    remaining: [],
  });
});

test('a file is added, each line without an address is named, and a second time adds nothing', async () => {
  const { run, json, db } = terminal;
  const folder = await mkdtemp(join(tmpdir(), 'paperround-'));
  try {
    const path = join(folder, 'left.csv');
    const lines = [
      'name,email',
      '"Ada","Ada@example.com"',
      '',
      'nobody',
      "'@trap.example",
      'ada@example.com',
      'ida@example.com;x',
    ];
    await writeFile(path, `\uFEFF${lines.join('\r\n')}`);
    const asked = await run('suppression', 'add', '--file', path, ...note);
    expect([asked.code, asked.stderr]).toEqual([
      2,
      expect.stringContaining(
        '3 new ones (of them 1 whole domains), 0 here already, 1 lines without an address',
      ),
    ]);
    expect(await db.many(sql`select from suppressions`)).toEqual([]);
    const yes = ['suppression', 'add', '--file', path, '--yes', ...note] as const;
    const answer = { lines: 7, unreadable: 1, mistakes: [{ line: 4, mistake: 'no-address' }] };
    expect(await json(...yes)).toEqual({ ...answer, added: 3, present: 0 });
    expect(await json(...yes)).toEqual({ ...answer, added: 0, present: 3 });
    const { data } = await json<Page>('suppression', 'list', '--source', 'file');
    expect(data.filter(({ domain }) => domain === null)).toHaveLength(2);
    expect(data.filter(({ domain }) => domain === 'trap.example')).toHaveLength(1);
    expect((await json<Page>('suppression', 'list', '--reason', 'bounced')).data).toEqual([]);
    expect(JSON.stringify(await db.many(sql`select * from suppression_file_rows`))).not.toContain('ada@');
    expect((await run('suppression', 'add', '--file', join(folder, 'none'), ...note)).code).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what is no address, or needs a decision, is refused before anything is changed', async () => {
  const { run } = terminal;
  const wrong = [
    ['add', 'nobody', ...note],
    ['add', email],
    ['add', email, '--note', ' '],
    ['add', ...note, '--everywhere'],
    ['add', email, '--domain', 'trap.example', ...note],
    ['add', '--domain', 'no domain', ...note],
    ['list', '--reason', 'weather'],
    ['remove', email, '--everywhere', '--publication', 'lantern', ...note],
  ];
  for (const words of wrong) expect([words, (await run('suppression', ...words)).code]).toEqual([words, 2]);
});
