import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import type { NewCircuit } from '../../../src/transports/circuits/circuit.js';
import { dumpTables } from '../../support/table-dump.js';
import { openTerminal, type Terminal } from '../open-terminal.js';

type Shown = { name: string; circuits: { domain: string; kind: string; says: string[] }[] };

let terminal: Terminal;
jest.setTimeout(90_000);

beforeEach(async () => {
  terminal = await openTerminal();
});

afterEach(() => terminal.close());

const openedAt = new Date('2026-11-22T09:00:00Z');
/** Later than any day on which these tests run. */
const closesAt = new Date('2999-01-01T12:00:00Z');

async function addServer(name: string, firstUsedAt: Date | null): Promise<number> {
  const { id } = await terminal.db.one<{ id: number }>(sql`
    insert into transports (name, first_used_at) values (${name}, ${firstUsedAt}) returning id
  `);
  return id;
}

async function addCircuit(transportId: number, circuit: Partial<NewCircuit>): Promise<void> {
  const { domain = '', kind = 'refused', reason = '554 5.7.1 Blocked', closesAt = null } = circuit;
  await terminal.db.run(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
    values (${transportId}, ${domain}, ${kind}, ${reason}, 120, 60, ${openedAt}, ${closesAt})
  `);
}

test('mail servers are listed with what is left alone, and mail is let in again', async () => {
  const { run, json, db } = terminal;
  expect(await run('transport', 'list')).toEqual({
    code: 0,
    stdout: 'No mail server has been used yet.\n',
    stderr: '',
  });
  expect(await json('transport', 'list')).toEqual([]);
  const one = await addServer('one.example:25', openedAt);
  await addServer('two.example:587', null);
  await addCircuit(one, { domain: 'school.example', kind: 'bounces', reason: '550 5.1.1 Unknown' });
  await addCircuit(one, { domain: 'slow.example', kind: 'throttled', reason: '421 Slow down', closesAt });
  await addCircuit(one, {});

  const listed = await run('transport', 'list');
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(listed.stdout.split('\n')).toEqual([
    'one.example:25  used since 2026-11-22T09:00:00.000Z',
    '  left alone since 2026-11-22T09:00:00.000Z',
    '    school.example (through one.example:25) says that 50.0 % of our readers there do not exist (60 of 120 within an hour), like this: “550 5.1.1 Unknown”',
    '    Mail to school.example waits. So many at once are hardly all true: no reader is suppressed for it, and all get the next digest once mail goes there again.',
    '    Find out whether the domain has a fault or the list is wrong. Then run: paperround transport resume one.example:25 --domain school.example',
    '  left alone since 2026-11-22T09:00:00.000Z',
    '    slow.example (through one.example:25) asks us to slow down: 60 of its last 120 answers said so, like this one: “421 Slow down”',
    '    Mail to slow.example waits and is not lost. No reader was counted as bounced.',
    '    A few messages try it again at 2999-01-01T12:00:00.000Z. To send all of it now, run: paperround transport resume one.example:25 --domain slow.example',
    '  left alone since 2026-11-22T09:00:00.000Z',
    '    The mail server one.example:25 refuses our mail: 60 of its last 120 answers were about us, like this one: “554 5.7.1 Blocked”',
    '    Mail through this server waits and is not lost. No reader was counted as bounced.',
    '    Mend what the answer names (often the login, the sender’s domain or a block list). Then run: paperround transport resume one.example:25',
    'two.example:587  never used, nothing is left alone',
    '',
  ]);

  expect(await run('transport', 'resume', 'one.example:25', '--domain', 'School.example')).toEqual({
    code: 0,
    stdout: 'Mail to school.example goes through one.example:25 again; none waits now.\n',
    stderr: '',
  });
  expect(await run('transport', 'resume', 'one.example:25')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^Mail goes through one\.example:25 again; .*\nA digest that is paused stays/,
    ),
  });
  const shown = await json<Shown[]>('transport', 'list');
  expect(shown.map(({ name, circuits }) => [name, circuits.map(({ domain }) => domain)])).toEqual([
    ['one.example:25', ['slow.example']],
    ['two.example:587', []],
  ]);
  expect(shown[0]?.circuits[0]).toMatchObject({ kind: 'throttled', closesAt: closesAt.toISOString() });
  expect(await json('transport', 'resume', 'one.example:25', '--domain', 'slow.example')).toEqual({
    transport: 'one.example:25',
    domain: 'slow.example',
    changed: true,
    waiting: 0,
    nextAttemptAt: null,
  });
  expect(await db.many(sql`select id from circuits where closed_at is null`)).toEqual([]);
});

test('what is not left alone is not resumed: exit 1, and nothing is changed', async () => {
  const { run, db } = terminal;
  const one = await addServer('one.example:25', openedAt);
  await addCircuit(one, { domain: 'school.example', kind: 'bounces' });
  // The first command makes the key of the address hashes.
  await run('transport', 'list');
  const before = await dumpTables(db);
  expect(await run('transport', 'resume', 'one.example')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'There is no mail server one.example. See them with: paperround transport list\n',
  });
  expect(await run('transport', 'resume', 'one.example:25')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'The mail server one.example:25 is not left alone. Nothing was changed. ' +
      'For what is: paperround transport resume one.example:25 --domain school.example\n',
  });
  expect(await run('transport', 'resume', 'one.example:25', '--domain', 'other.example')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^Mail to other\.example through one\.example:25 is not left alone\. Nothing/,
    ),
  });
  expect(await run('transport', 'resume')).toMatchObject({ code: 2, stdout: '' });
  expect(await dumpTables(db)).toEqual(before);
  const help = await run('transport', 'resume', '--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/--domain <domain> +only the readers of this domain are left alone/);
  expect((await run('--help')).stdout).toMatch(/transport .*\n? .*left alone/);
});
