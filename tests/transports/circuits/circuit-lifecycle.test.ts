import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Outcome } from '../../../src/platform/mail/classify/outcome.js';
import { applyFinding } from '../../../src/transports/circuits/apply-finding.js';
import type { NewCircuit } from '../../../src/transports/circuits/circuit.js';
import { closeCircuit, deleteOldCircuits } from '../../../src/transports/circuits/close-circuit.js';
import { createServerPool, type ServerPool } from '../../../src/transports/choose/server-pool.js';
import { findBounceStorm, listCircuits, listOpenCircuits } from '../../../src/transports/circuits/reads.js';
import { registerTransports } from '../../../src/transports/register-transports.js';
import type { TransportLimits } from '../../../src/platform/mail/smtp/smtp-url-parameters.js';
import type { RegisteredTransport } from '../../../src/transports/transport.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const start = new Date('2026-11-22T10:00:00Z');
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const refused: Outcome = { kind: 'sender-fault', reply: '554 5.7.1 Blocked' };
const accepted: Outcome = { kind: 'accepted', reply: '250 ok' };

let database: TestDatabase;
let db: Db;
let one: RegisteredTransport;
let two: RegisteredTransport;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
beforeEach(async () => {
  for (const table of [sql`circuits`, sql`transport_usage`, sql`transports`]) {
    await db.run(sql`delete from ${table}`);
  }
  [one, two] = await register({}, {});
});
afterAll(() => database.close());

async function register(
  first: Partial<TransportLimits>,
  second: Partial<TransportLimits>,
): Promise<[RegisteredTransport, RegisteredTransport]> {
  const limits = { weight: 1, rates: {} };
  const [a, b] = await registerTransports(db, [
    { name: 'one.example:25', limits: { ...limits, ...first } },
    { name: 'two.example:25', limits: { ...limits, ...second } },
  ]);
  if (a === undefined || b === undefined) throw new Error('registered');
  return [a, b];
}

const circuit = (change: Partial<NewCircuit> = {}): NewCircuit => ({
  transportId: one.id,
  domain: 'gmail.example',
  kind: 'refused',
  reason: '554 5.7.1 Blocked',
  replyCount: 24,
  failureCount: 21,
  closesAt: later(15),
  ...change,
});
const open = (change: Partial<NewCircuit> = {}, now = start) =>
  applyFinding(db, { kind: 'trouble', circuit: circuit(change) }, now);
const close = (id: string, now: Date) => db.transaction((tx) => closeCircuit(tx, id, now));
const openOnes = () => listOpenCircuits(db, [one.id, two.id]);

test('a circuit is opened once, by whichever worker finds it first', async () => {
  const changes = await Promise.all(Array.from({ length: 8 }, () => open()));
  const done = changes.filter((change) => change !== undefined);
  expect(done).toHaveLength(1);
  expect(done[0]).toEqual({
    kind: 'opened',
    circuit: { ...circuit(), id: expect.any(String), openedAt: start, openCount: 1, closedAt: null },
  });
  expect(await openOnes()).toEqual([done[0]?.circuit]);
  expect(await listOpenCircuits(db, [two.id])).toEqual([]);
});

test('one that waits for an operator replaces one that would close by itself, and not the other way round', async () => {
  await open({ kind: 'throttled', closesAt: later(1) });
  const storm = await open({ kind: 'bounces', closesAt: null, replyCount: 100, failureCount: 9 }, later(1));
  expect(storm?.circuit).toMatchObject({
    kind: 'bounces',
    closesAt: null,
    openedAt: later(1),
    replyCount: 100,
  });
  expect(await open({}, later(2))).toBeUndefined();
  expect(await openOnes()).toEqual([storm?.circuit]);
});

test('tried again in vain it stays open twice as long, whoever tried it', async () => {
  const opened = await open();
  if (opened === undefined) throw new Error('opened');
  const still = { kind: 'still', circuit: opened.circuit, reason: '554 5.7.1 Still blocked' } as const;
  const changes = await Promise.all([applyFinding(db, still, later(15)), applyFinding(db, still, later(15))]);
  expect(changes.filter((change) => change !== undefined)).toMatchObject([
    {
      kind: 'kept-open',
      circuit: { openCount: 2, closesAt: later(45), reason: '554 5.7.1 Still blocked', openedAt: start },
    },
  ]);
  // A late verdict about the try before.
  expect(
    await applyFinding(db, { kind: 'recovered', circuit: opened.circuit, reason: '' }, later(16)),
  ).toBeUndefined();
  expect(await openOnes()).toMatchObject([{ openCount: 2 }]);
});

test('tried again with success it is over, and can be opened again from the beginning', async () => {
  const opened = await open();
  if (opened === undefined) throw new Error('opened');
  const verdict = { kind: 'recovered', circuit: opened.circuit, reason: '250 ok' } as const;
  expect(await applyFinding(db, verdict, later(15))).toMatchObject({
    kind: 'recovered',
    circuit: { closedAt: later(15) },
  });
  expect(await applyFinding(db, verdict, later(15))).toBeUndefined();
  expect(await openOnes()).toEqual([]);
  expect(await open({ closesAt: later(31) }, later(16))).toMatchObject({ circuit: { openCount: 1 } });
});

test('an operator closes it, once, and what is still on its way changes nothing', async () => {
  const opened = await open({ domain: '', closesAt: null });
  if (opened === undefined) throw new Error('opened');
  expect(await close(opened.circuit.id, later(5))).toMatchObject({
    id: opened.circuit.id,
    closedAt: later(5),
  });
  expect(await close(opened.circuit.id, later(6))).toBeUndefined();
  expect(
    await applyFinding(db, { kind: 'still', circuit: opened.circuit, reason: '' }, later(6)),
  ).toBeUndefined();
  expect(await openOnes()).toEqual([]);
});

test('people see them with their server, the oldest first', async () => {
  await open({ transportId: two.id, domain: '', closesAt: null }, later(1));
  await open({}, start);
  const closed = await open({ domain: 'gone.example' }, later(-1));
  await close(closed?.circuit.id ?? '', later(1));
  expect((await listCircuits(db)).map((row) => [row.transport, row.domain, row.openedAt])).toEqual([
    ['one.example:25', 'gmail.example', start],
    ['two.example:25', '', later(1)],
  ]);
});

test('during a storm of bounces, and for those who bounced in it, nobody is to be believed', async () => {
  const domain = 'school.example';
  const storm = (since: Date) => findBounceStorm(db, one.id, domain, since);
  expect(await storm(start)).toBeUndefined();
  await open({ domain, closesAt: later(15) });
  expect(await storm(start)).toBeUndefined();
  const opened = await open({ domain, kind: 'bounces', closesAt: null });
  expect(await storm(later(60))).toMatchObject({ kind: 'bounces' });
  await close(opened?.circuit.id ?? '', later(90));
  expect(await storm(later(30))).toMatchObject({ kind: 'bounces', closedAt: later(90) });
  expect(await storm(later(91))).toBeUndefined();
  expect(await findBounceStorm(db, two.id, domain, start)).toBeUndefined();
});

test('an operator who let the bounces go on is not asked again on the same day', async () => {
  const bounces = { domain: 'school.example', kind: 'bounces', closesAt: null } as const;
  const opened = await open(bounces);
  await close(opened?.circuit.id ?? '', later(10));
  expect(await open(bounces, later(20))).toBeUndefined();
  // Another trouble of the same domain is another matter.
  expect(await open({ domain: 'school.example' }, later(20))).toBeDefined();
  expect(await open(bounces, later(24 * 60 + 11))).toBeDefined();
});

test('closed circuits are forgotten after a month, open ones never', async () => {
  const closed = await open();
  await close(closed?.circuit.id ?? '', later(1));
  await open({ domain: 'other.example' });
  const day = 24 * 60;
  const rows = () => db.many(sql`select domain from circuits order by domain`);
  await db.transaction((tx) => deleteOldCircuits(tx, later(30 * day)));
  expect(await rows()).toHaveLength(2);
  await db.transaction((tx) => deleteOldCircuits(tx, later(40 * day)));
  expect(await rows()).toEqual([{ domain: 'other.example' }]);
});

const serverPoolOf = (...transports: RegisteredTransport[]) => createServerPool(db, transports, 0);

/** Sends as a worker does, group by group; answers how many were handed over before it had to wait. */
async function send(
  fleet: ServerPool<RegisteredTransport>,
  readers: readonly string[],
  answer: Outcome,
  now: Date,
): Promise<number> {
  let attempts = 0;
  for (let at = 0; at < readers.length;) {
    const way = await fleet.chooseServer(10, now);
    if (way.kind === 'wait') return attempts;
    const group = readers.slice(at, at + way.count);
    at += group.length;
    for (const domain of group.filter((one) => way.gate.admit(one) === undefined)) {
      attempts += 1;
      const finding = fleet.recordOutcome(way.transport, domain, answer, now);
      if (finding !== undefined) await applyFinding(db, finding, now);
    }
  }
  return attempts;
}

test('servers take turns; one that has no room left stands back, and then all wait for the first with room', async () => {
  [one, two] = await register({ weight: 3, rates: { hour: 7 } }, { rates: { minute: 50 } });
  const fleet = serverPoolOf(one, two);
  const groups: string[] = [];
  for (
    let way = await fleet.chooseServer(5, start);
    way.kind === 'go';
    way = await fleet.chooseServer(5, start)
  ) {
    groups.push(`${way.transport.name.slice(0, 3)} ${way.count}`);
  }
  expect(groups.slice(0, 3)).toEqual(['one 5', 'one 2', 'two 5']);
  expect(groups.slice(3)).toEqual(Array.from({ length: 9 }, () => 'two 5'));
  expect(await fleet.chooseServer(5, start)).toEqual({ kind: 'wait', until: later(1), circuits: [] });
  expect(await fleet.chooseServer(5, later(1))).toMatchObject({
    kind: 'go',
    transport: { name: 'two.example:25' },
  });
});

test('workers do not all begin with the same server', async () => {
  const begin = async (random: number) => {
    const way = await createServerPool(db, [one, two], random).chooseServer(1, start);
    return way.kind === 'go' ? way.transport.name : undefined;
  };
  const names = await Promise.all(Array.from({ length: 20 }, (_, at) => begin((at * 50 + (at % 2)) / 1_000)));
  expect(names.filter((name) => name === one.name)).toHaveLength(10);
});

test('everyone refused at one server: mail goes through the other; refused there too, all waits with the words', async () => {
  const fleet = serverPoolOf(one, two);
  const readers = Array.from({ length: 400 }, (_, at) => `d${at % 30}.example`);
  const attempts = await send(fleet, readers, refused, start);
  expect(attempts).toBeLessThanOrEqual(50);
  const way = await fleet.chooseServer(10, start);
  expect(way).toMatchObject({
    kind: 'wait',
    until: later(15),
    circuits: [
      { domain: '', reason: '554 5.7.1 Blocked', closesAt: null },
      { domain: '', reason: '554 5.7.1 Blocked', closesAt: null },
    ],
  });
  // Another worker has heard nothing, and knows all the same.
  expect((await serverPoolOf(one, two).chooseServer(10, start)).kind).toBe('wait');
  for (const { id } of await openOnes()) await close(id, later(1));
  expect(await send(fleet, readers, accepted, later(1))).toBe(400);
});

test('everyone at one domain refused: it stops within 50 attempts and goes on when an operator says so', async () => {
  const fleet = serverPoolOf(one);
  const readers = Array.from({ length: 200 }, () => 'gmail.example');
  expect(await send(fleet, readers, refused, start)).toBeLessThanOrEqual(50);
  expect(await openOnes()).toMatchObject([{ domain: '', kind: 'refused', closesAt: null }]);
  await close((await openOnes())[0]?.id ?? '', later(1));
  expect(await send(fleet, readers, accepted, later(1))).toBe(200);
  expect(await openOnes()).toEqual([]);
});

test('a domain that refuses us is tried by a few, longer and longer apart, and then let through', async () => {
  const fleet = serverPoolOf(one);
  const readers = Array.from({ length: 200 }, () => 'gmail.example');
  await send(fleet, ['a.example', 'b.example', 'c.example', 'd.example'], accepted, start);
  expect(await send(fleet, readers, refused, start)).toBe(20);
  expect(await openOnes()).toMatchObject([{ domain: 'gmail.example', closesAt: later(15) }]);
  expect(await send(fleet, readers, refused, later(14))).toBe(0);
  expect(await send(fleet, readers, refused, later(15))).toBeLessThanOrEqual(5);
  expect(await openOnes()).toMatchObject([{ openCount: 2, closesAt: later(45) }]);
  expect(await send(fleet, readers, refused, later(44))).toBe(0);
  expect(await send(fleet, readers, refused, later(45))).toBeLessThanOrEqual(5);
  expect(await openOnes()).toMatchObject([{ openCount: 3, closesAt: later(105) }]);
  const through = await send(fleet, readers, accepted, later(105));
  expect(await openOnes()).toEqual([]);
  // All but those of the group in which it was found out.
  expect(through).toBeGreaterThanOrEqual(190);
});
