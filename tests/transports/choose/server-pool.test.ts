import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { bySystem } from '../../../src/platform/actor.js';
import type { Db } from '../../../src/platform/db/database.js';
import type { Outcome } from '../../../src/platform/mail/classify/outcome.js';
import { createServerPool, type ServerPool } from '../../../src/transports/choose/server-pool.js';
import { applyFinding } from '../../../src/transports/circuits/apply-finding.js';
import { closeCircuit } from '../../../src/transports/circuits/close-circuit.js';
import { listOpenCircuits } from '../../../src/transports/circuits/reads.js';
import type { RegisteredTransport } from '../../../src/transports/transport.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { deleteTransports, registerTwo } from '../two-transports.js';

const start = new Date('2026-11-22T10:00:00Z');
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const refused: Outcome = { kind: 'sender-fault', reply: '554 5.7.1 Blocked' };
const accepted: Outcome = { kind: 'accepted', reply: '250 ok' };
const unreachable: Outcome = { kind: 'unreachable', reply: 'connect ECONNREFUSED' };

let database: TestDatabase;
let db: Db;
let one: RegisteredTransport;
let two: RegisteredTransport;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
beforeEach(async () => {
  await deleteTransports(db);
  [one, two] = await registerTwo(db);
});
afterAll(() => database.close());

const close = (id: string, now: Date) => db.transaction((tx) => closeCircuit(tx, bySystem(now), id));
const openOnes = () => listOpenCircuits(db, [one.id, two.id]);
const serverPoolOf = (...transports: RegisteredTransport[]) => createServerPool(db, transports, 0);

/** Sends as a worker does, group by group; resolves with how many were sent before it had to wait. */
async function send(
  pool: ServerPool<RegisteredTransport>,
  readers: readonly string[],
  outcome: Outcome,
  now: Date,
): Promise<number> {
  let attempts = 0;
  for (let at = 0; at < readers.length;) {
    const choice = await pool.chooseServer(10, now);
    if (choice.kind === 'wait') return attempts;
    const group = readers.slice(at, at + choice.permits.count);
    at += group.length;
    for (const domain of group.filter((one) => choice.gate.admit(one) === undefined)) {
      attempts += 1;
      const finding = pool.recordOutcome(choice.transport, domain, outcome, now);
      if (finding !== undefined) await db.transaction((tx) => applyFinding(tx, finding, now));
    }
  }
  return attempts;
}

test('servers take turns; one that has reached its limit is passed over, and then all wait for the first that may send again', async () => {
  [one, two] = await registerTwo(db, { weight: 3, rates: { hour: 7 } }, { rates: { day: 50 } });
  const pool = serverPoolOf(one, two);
  const groups: string[] = [];
  for (
    let choice = await pool.chooseServer(5, start);
    choice.kind === 'send';
    choice = await pool.chooseServer(5, start)
  ) {
    groups.push(`${choice.transport.name.slice(0, 3)} ${choice.permits.count}`);
  }
  expect(groups.slice(0, 3)).toEqual(['one 5', 'one 2', 'two 5']);
  expect(groups.slice(3)).toEqual(Array.from({ length: 9 }, () => 'two 5'));
  expect(await pool.chooseServer(5, start)).toEqual({ kind: 'wait', until: later(61), circuits: [] });
  expect(await pool.chooseServer(5, later(61))).toMatchObject({
    kind: 'send',
    transport: { name: 'one.example:25' },
  });
});

test('workers do not all begin with the same server', async () => {
  const begin = async (random: number) => {
    const choice = await createServerPool(db, [one, two], random).chooseServer(1, start);
    return choice.kind === 'send' ? choice.transport.name : undefined;
  };
  const names = await Promise.all(Array.from({ length: 20 }, (_, at) => begin((at * 50 + (at % 2)) / 1_000)));
  expect(names.filter((name) => name === one.name)).toHaveLength(10);
});

test('when one server refuses everyone, mail goes through the other; when both do, all waits, with the reply', async () => {
  const pool = serverPoolOf(one, two);
  const readers = Array.from({ length: 400 }, (_, at) => `d${at % 30}.example`);
  const attempts = await send(pool, readers, refused, start);
  expect(attempts).toBeLessThanOrEqual(50);
  const choice = await pool.chooseServer(10, start);
  expect(choice).toMatchObject({
    kind: 'wait',
    until: later(15),
    circuits: [
      { domain: '', reason: '554 5.7.1 Blocked', closesAt: null },
      { domain: '', reason: '554 5.7.1 Blocked', closesAt: null },
    ],
  });
  // Another worker, which had no refusals, knows it from the database.
  expect((await serverPoolOf(one, two).chooseServer(10, start)).kind).toBe('wait');
  for (const { id } of await openOnes()) await close(id, later(1));
  expect(await send(pool, readers, accepted, later(1))).toBe(400);
});

test('when a server refuses everyone before it knows the reader, mail stops within 50 attempts and goes on when an operator resumes it', async () => {
  const pool = serverPoolOf(one);
  const readers = Array.from({ length: 200 }, () => 'gmail.example');
  const serverWide = { ...refused, isServerWide: true } as const;
  expect(await send(pool, readers, serverWide, start)).toBeLessThanOrEqual(50);
  expect(await openOnes()).toMatchObject([{ domain: '', kind: 'refused', closesAt: null }]);
  await close((await openOnes())[0]?.id ?? '', later(1));
  expect(await send(pool, readers, accepted, later(1))).toBe(200);
  expect(await openOnes()).toEqual([]);
});

test('a domain that refuses us is probed with a few mails, later and later, and resumed when they are accepted', async () => {
  const pool = serverPoolOf(one);
  const readers = Array.from({ length: 200 }, () => 'gmail.example');
  await send(pool, ['a.example', 'b.example', 'c.example', 'd.example'], accepted, start);
  expect(await send(pool, readers, refused, start)).toBe(20);
  expect(await openOnes()).toMatchObject([{ domain: 'gmail.example', closesAt: later(15) }]);
  expect(await send(pool, readers, refused, later(14))).toBe(0);
  expect(await send(pool, readers, refused, later(15))).toBeLessThanOrEqual(5);
  expect(await openOnes()).toMatchObject([{ openCount: 2, closesAt: later(45) }]);
  expect(await send(pool, readers, refused, later(44))).toBe(0);
  expect(await send(pool, readers, refused, later(45))).toBeLessThanOrEqual(5);
  expect(await openOnes()).toMatchObject([{ openCount: 3, closesAt: later(105) }]);
  const through = await send(pool, readers, accepted, later(105));
  expect(await openOnes()).toEqual([]);
  // All but those of the group in which the circuit was opened.
  expect(through).toBeGreaterThanOrEqual(190);
});

/** One message of one worker, and what it changed; `waits` where the worker leaves the server alone. */
async function sendOne(pool: ServerPool<RegisteredTransport>, outcome: Outcome, now: Date): Promise<string> {
  const choice = await pool.chooseServer(10, now);
  if (choice.kind === 'wait') return 'waits';
  const { transport } = choice;
  const finding = pool.recordOutcome(transport, 'example.com', outcome, now);
  await pool.reportReached(transport, now);
  const change = finding && (await db.transaction((tx) => applyFinding(tx, finding, now)));
  if (change?.kind === 'only-here') pool.openOwnCircuit(transport, change.circuit.reason, now);
  return change?.kind ?? 'sent';
}
const after = (seconds: number) => later(seconds / 60);

test('a server that one worker alone cannot reach is kept from no other, and that worker tries it again by itself', async () => {
  const [here, there] = [serverPoolOf(one), serverPoolOf(one)];
  await sendOne(here, accepted, start);
  const tries: string[] = [];
  for (let second = 0; second < 300; second += 1) {
    expect(await sendOne(there, accepted, after(second))).toBe('sent');
    const tried = await sendOne(here, unreachable, after(second));
    if (tried !== 'waits') tries.push(tried);
  }
  expect(await openOnes()).toEqual([]);
  // At once, after 5, 10 and 20 seconds, and then every half minute.
  expect(tries).toEqual(Array.from({ length: 12 }, () => 'only-here'));
  expect(await here.chooseForNotice(after(300))).toMatchObject({ kind: 'wait' });
  // The others have nothing to send for a while: what they showed since still counts.
  for (let second = 300; second < 420; second += 1) await sendOne(here, unreachable, after(second));
  expect(await openOnes()).toEqual([]);
  expect(await sendOne(here, accepted, after(450))).toBe('sent');
  expect(await here.chooseServer(10, after(450))).toMatchObject({ kind: 'send', permits: { count: 10 } });
});

test('one that no worker reaches any more has its circuit opened within seconds, and closed by the first that does', async () => {
  const [here, there] = [serverPoolOf(one), serverPoolOf(one)];
  const both = async (outcome: Outcome, now: Date) => [
    await sendOne(here, outcome, now),
    await sendOne(there, outcome, now),
  ];
  await both(accepted, start);
  const changes: string[] = [];
  for (let second = 1; second <= 20; second += 1)
    changes.push(...(await both(unreachable, after(second))).filter((change) => change !== 'waits'));
  expect(changes.filter((change) => change === 'opened')).toEqual(['opened']);
  expect(await openOnes()).toMatchObject([{ kind: 'unreachable', openCount: 1 }]);
  expect(await there.chooseServer(10, after(30))).toMatchObject({ kind: 'send', permits: { count: 1 } });
  expect(await sendOne(here, unreachable, after(30))).toBe('kept-open');
  // It was chosen before that, and reaches the server after it.
  const finding = there.recordOutcome(one, 'example.com', accepted, after(31));
  if (finding === undefined) throw new Error('Nothing was found');
  expect(await db.transaction((tx) => applyFinding(tx, finding, after(31)))).toMatchObject({
    kind: 'recovered',
  });
  expect(await openOnes()).toEqual([]);
  expect(await sendOne(here, unreachable, after(40))).toBe('only-here');
});
