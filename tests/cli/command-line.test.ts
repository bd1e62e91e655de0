import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Command } from 'commander';
import { readConfig, settingNames } from '../../src/platform/config.js';
import { authenticateToken } from '../../src/operators/authenticate-token.js';
import { sql } from '../../src/platform/db/sql.js';
import { settingsSchema } from '../../src/publications/publication.js';
import { createCommandTree } from '../support/documented-commands.js';
import { createTempHome, runPaperround } from '../support/paperround-process.js';
import { openTerminal, type Terminal } from './open-terminal.js';

const verbs: Record<string, string[]> = {
  start: [],
  web: [],
  worker: [],
  migrate: [],
  publication: ['create', 'list', 'show', 'set', 'archive'],
  feed: ['add', 'list', 'remove'],
  article: ['add', 'list', 'release', 'hold', 'skip'],
  digest: ['preview', 'send', 'list', 'show'],
  operator: ['link'],
  token: ['create'],
};

let terminal: Terminal;
jest.setTimeout(90_000);

beforeAll(async () => {
  terminal = await openTerminal();
});

afterAll(async () => {
  await terminal.close();
});

test('every command explains itself with --help, and needs no settings for it', async () => {
  const ask = async (...words: string[]) => {
    const answer = await runPaperround([...words, '--help'], { DATABASE_URL: 'nonsense' });
    expect([words, answer.code, answer.stderr]).toEqual([words, 0, '']);
    expect(answer.stdout).toContain(`Usage: ${['paperround', ...words].join(' ')} `);
    return answer.stdout;
  };
  const top = await ask();
  for (const [noun, itsVerbs] of Object.entries(verbs)) {
    expect(top).toMatch(new RegExp(`^  ${noun} `, 'm'));
    const help = await ask(noun);
    for (const verb of itsVerbs) expect(help).toMatch(new RegExp(`^  ${verb} `, 'm'));
  }
  expect(await ask('feed', 'add')).toContain('--include-newest <n>');
});

test('every command can answer as JSON, and says what each of its arguments and options is', async () => {
  const commands = listCommands(await createCommandTree());
  expect(commands.length).toBeGreaterThan(40);
  expect(
    commands.filter(({ options }) => !options.some(({ long }) => long === '--json')).map(nameOf),
  ).toEqual([]);
  const unexplained = (command: Command) =>
    [...command.registeredArguments, ...command.options].filter(({ description }) => description === '');
  expect(commands.filter((command) => unexplained(command).length > 0).map(nameOf)).toEqual([]);
});

/** Those that do something, wherever they stand. */
function listCommands(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(listCommands);
}

function nameOf(command: Command): string {
  return `${command.parent?.name()} ${command.name()}`;
}

test('the help of settings names each of them, and the values that it takes', async () => {
  for (const verb of ['set', 'create']) {
    const { stdout } = await terminal.run('publication', verb, '--help');
    for (const name of Object.keys(settingsSchema.shape))
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(stdout).toMatch(/^ {2}defaultCadence .*\(instant, daily, weekly, monthly\)$/m);
    expect(stdout).toMatch(/^ {2}hour .*\(0 to 23\)$/m);
    expect(stdout).toMatch(/^ {2}approval .*\(on, off\)$/m);
  }
});

test('misuse exits with 2 and says where to find help', async () => {
  const { run } = terminal;
  const [command, verb, option, nothing, noVerb] = await Promise.all([
    run('publish'),
    run('feed', 'eat'),
    run('digest', 'list', '--all'),
    run(),
    run('publication'),
  ]);
  expect(command).toMatchObject({ code: 2, stderr: expect.stringContaining("unknown command 'publish'") });
  expect(verb).toMatchObject({ code: 2, stderr: expect.stringContaining("unknown command 'eat'") });
  expect(option).toMatchObject({ code: 2, stderr: expect.stringContaining("unknown option '--all'") });
  expect(option.stderr).toContain('(--help shows what is possible)');
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: paperround') });
  expect(noVerb).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: paperround publication') });
});

test('a token is shown once, stored only as a hash, and has the scopes that were asked for', async () => {
  const { run, json, db } = terminal;
  const words = [
    'token',
    'create',
    '--name',
    'site',
    '--scope',
    'read',
    '--scope',
    'write',
    '--scope',
    'send',
  ];
  const made = await json<{ token: string; id: string }>(...words);
  expect(made).toEqual({
    token: expect.stringMatching(/^pr_[\w-]{43}$/),
    id: expect.any(String),
    name: 'site',
    scopes: ['read', 'write', 'send'],
    publication: null,
  });
  const { stdout } = await run('token', 'create', '--name', 'other', '--scope', 'read', 'read');
  expect(stdout).toMatch(/^pr_[\w-]{43}\nKeep it now: it is not shown again\.\n$/);
  const rows = await db.many<{ scopes: string[]; row: string }>(
    sql`select scopes, api_tokens::text as row from api_tokens order by id`,
  );
  expect(rows.map(({ scopes }) => scopes)).toEqual([['read', 'write', 'send'], ['read']]);
  expect(rows.map(({ row }) => row).join()).not.toContain(made.token.slice(3));
  const wrong = await run('token', 'create', '--name', 'x', '--scope', 'admin');
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    'A scope is one of read, write, send; this is not: admin\n',
  ]);
  expect(await run('token', 'create', '--name', 'x')).toMatchObject({ code: 2 });
});

test('tokens are listed without their secrets, and a revoked one is refused', async () => {
  const { run, json, db } = terminal;
  const { id, token } = await json<{ id: string; token: string }>(
    'token',
    'create',
    '--name',
    'old',
    '--scope',
    'read',
  );
  const context = { db, now: () => new Date() };
  expect(await authenticateToken(context, token)).toMatchObject({ name: 'old', scopes: ['read'] });
  expect((await run('token', 'list')).stdout).toMatch(
    new RegExp(`${id}  old +read +the whole server +the command line +used 20`),
  );
  expect(await run('token', 'revoke', id)).toMatchObject({ code: 0, stdout: 'Revoked.\n' });
  expect(await authenticateToken(context, token)).toBeUndefined();
  const listed = await run('token', 'list');
  expect(listed.stdout).toMatch(/ old .*revoked 20/);
  expect(listed.stdout).not.toContain(token.slice(3));
  expect(await run('token', 'revoke', id)).toMatchObject({ code: 1 });
  expect(await run('token', 'revoke', 'nonsense')).toMatchObject({ code: 2 });
});

test('a link into the dashboard is made at the public address, a new one each time', async () => {
  const { run, json } = terminal;
  const { url } = await json<{ url: string }>('operator', 'link');
  expect(url).toMatch(/^http:\/\/news\.example\/operator\/enter\/[\w-]{32}$/);
  const { stdout } = await run('operator', 'link');
  expect(stdout).toMatch(/^http:\/\/news\.example\/operator\/enter\/[\w-]{32}\n$/);
  expect(stdout.trim()).not.toBe(url);
});

test('the tables are migrated once, and a second run changes nothing', async () => {
  const { run } = terminal;
  expect(await run('migrate')).toEqual({ code: 0, stdout: '', stderr: 'The tables are up to date.\n' });
  const url = new URL(terminal.environment['DATABASE_URL'] ?? '');
  const name = `${url.pathname.slice(1)}_fresh`;
  url.pathname = `/${name}`;
  const missing = await runPaperround(['migrate'], { ...terminal.environment, DATABASE_URL: url.href });
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain(name);
});

test('every wrong setting is reported, before anything is done', async () => {
  const wrong = await runPaperround(['publication', 'list'], {
    ...{ PORT: '99999', DATABASE_URL: 'mysql://root:secret@host/db', SECRET_KEY: 'short' },
    ...{ LOG_LEVEL: 'loud', WORKER_CONNECTIONS: 'many', DATA_DIR: terminal.environment['DATA_DIR'] ?? '' },
  });
  expect([wrong.code, wrong.stdout]).toEqual([1, '']);
  expect(wrong.stderr.split('\n').filter((line) => line.startsWith('  '))).toEqual([
    '  PORT is a whole number from 0 to 65535.',
    expect.stringMatching(
      /^  DATABASE_URL is not an address like postgres:.*@host\/paperround; .* written %40 /,
    ),
    '  SECRET_KEY needs at least 32 characters in each key; make one with: openssl rand -hex 32.',
    '  LOG_LEVEL is one of trace, debug, info, warn, error, fatal, silent.',
    '  WORKER_CONNECTIONS is a whole number from 1 to 500.',
  ]);
  expect(wrong.stderr).not.toContain('secret');
});

test('commands of a data directory without settings take turns, and leave nothing running', async () => {
  const { dataDir, remove } = createTempHome();
  try {
    const run = (...words: string[]) => runPaperround(words, { DATA_DIR: dataDir });
    const settings = ['slug=lantern', 'name=Lantern', 'siteUrl=https://l.example', 'fromAddress=n@l.example'];
    expect(await run('publication', 'create', ...settings)).toMatchObject({
      code: 0,
      stdout: 'Made Lantern (lantern).\n',
    });
    const together = await Promise.all([
      run('publication', 'list'),
      run('feed', 'list'),
      run('publication', 'show', '--json'),
    ]);
    expect(together.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(together[0]?.stdout).toBe('Slug     Name     Cadence\nlantern  Lantern  daily\n');
  } finally {
    remove();
  }
});

test('.env.example lists every setting with its explanation, and copied as it is changes nothing', () => {
  const text = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8');
  const listed = [...text.matchAll(/^#([A-Z_]+)=/gm)].map(([, name = '']) => name);
  expect(listed.toSorted()).toEqual(settingNames.toSorted());
  expect(settingNames).toContain('SMTP_URL');
  for (const block of text.trim().split('\n\n')) expect(block).toMatch(/^# /);
  expect(readConfig(parseEnv(text))).toEqual(readConfig({}));
  const defaults = text.replace(/^#(PORT|HOST|DATA_DIR|LOG_LEVEL|WORKER_CONNECTIONS)=/gm, '$1=');
  expect(readConfig(parseEnv(defaults))).toEqual({ ...readConfig({}), isPortGiven: true });
});
