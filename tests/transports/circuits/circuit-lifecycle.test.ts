import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { bySystem } from '../../../src/platform/actor.js';
import type { Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import { applyFinding } from '../../../src/transports/circuits/apply-finding.js';
import type { Finding } from '../../../src/transports/circuits/circuit-breaker.js';
import type { NewCircuit } from '../../../src/transports/circuits/circuit.js';
import {
  closeCircuit,
  closeFormerServers,
  deleteOldCircuits,
} from '../../../src/transports/circuits/close-circuit.js';
import { listBounceStorms, listCircuits, listOpenCircuits } from '../../../src/transports/circuits/reads.js';
import type { RegisteredTransport } from '../../../src/transports/transport.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { deleteTransports, registerTwo } from '../two-transports.js';

const start = new Date('2026-11-22T10:00:00Z');
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000);

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
const apply = (finding: Finding, now: Date) => db.transaction((tx) => applyFinding(tx, finding, now));
const open = (change: Partial<NewCircuit> = {}, now = start) =>
  apply({ kind: 'failing', circuit: circuit(change) }, now);
const close = (id: string, now: Date) => db.transaction((tx) => closeCircuit(tx, bySystem(now), id));
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

test('after failed probes it stays open twice as long, whichever worker sent them', async () => {
  const opened = await open();
  if (opened === undefined) throw new Error('opened');
  const still = {
    kind: 'still-failing',
    circuit: opened.circuit,
    reason: '554 5.7.1 Still blocked',
  } as const;
  const changes = await Promise.all([apply(still, later(15)), apply(still, later(15))]);
  expect(changes.filter((change) => change !== undefined)).toMatchObject([
    {
      kind: 'kept-open',
      circuit: { openCount: 2, closesAt: later(45), reason: '554 5.7.1 Still blocked', openedAt: start },
    },
  ]);
  // A late result of earlier probes.
  expect(await apply({ kind: 'recovered', circuit: opened.circuit, reason: '' }, later(16))).toBeUndefined();
  expect(await openOnes()).toMatchObject([{ openCount: 2 }]);
});

test('after successful probes it is closed, and can be opened again with its first duration', async () => {
  const opened = await open();
  if (opened === undefined) throw new Error('opened');
  const finding = { kind: 'recovered', circuit: opened.circuit, reason: '250 ok' } as const;
  expect(await apply(finding, later(15))).toMatchObject({
    kind: 'recovered',
    circuit: { closedAt: later(15) },
  });
  expect(await apply(finding, later(15))).toBeUndefined();
  expect(await openOnes()).toEqual([]);
  expect(await open({ closesAt: later(31) }, later(16))).toMatchObject({ circuit: { openCount: 1 } });
});

test('an operator closes it, once, and late results change nothing', async () => {
  const opened = await open({ domain: '', closesAt: null });
  if (opened === undefined) throw new Error('opened');
  expect(await close(opened.circuit.id, later(5))).toMatchObject({
    id: opened.circuit.id,
    closedAt: later(5),
  });
  expect(await close(opened.circuit.id, later(6))).toBeUndefined();
  expect(
    await apply({ kind: 'still-failing', circuit: opened.circuit, reason: '' }, later(6)),
  ).toBeUndefined();
  expect(await openOnes()).toEqual([]);
});

test('open circuits are listed with their server, the oldest first', async () => {
  await open({ transportId: two.id, domain: '', closesAt: null }, later(1));
  await open({}, start);
  const closed = await open({ domain: 'gone.example' }, later(-1));
  await close(closed?.circuit.id ?? '', later(1));
  expect((await listCircuits(db)).map((row) => [row.transport, row.domain, row.openedAt])).toEqual([
    ['one.example:25', 'gmail.example', start],
    ['two.example:25', '', later(1)],
  ]);
});

test('a storm of bounces is found while its circuit is open, and afterwards for bounces from before it was closed', async () => {
  const domain = 'school.example';
  const asked = [
    { transportId: one.id, domain },
    { transportId: two.id, domain },
    { transportId: one.id, domain: 'other.example' },
  ];
  const storms = (since: Date) => listBounceStorms(db, asked, since);
  expect(await storms(start)).toEqual([]);
  await open({ domain, closesAt: later(15) });
  expect(await storms(start)).toEqual([]);
  const opened = await open({ domain, kind: 'bounces', closesAt: null });
  expect(await storms(later(60))).toEqual([{ transportId: one.id, domain }]);
  await close(opened?.circuit.id ?? '', later(90));
  expect(await storms(later(30))).toEqual([{ transportId: one.id, domain }]);
  expect(await storms(later(91))).toEqual([]);
});

test('after an operator closed it, a storm of bounces does not open it again on the same day', async () => {
  const bounces = { domain: 'school.example', kind: 'bounces', closesAt: null } as const;
  const opened = await open(bounces);
  await close(opened?.circuit.id ?? '', later(10));
  expect(await open(bounces, later(20))).toBeUndefined();
  // A refusal of the same domain still opens it.
  expect(await open({ domain: 'school.example' }, later(20))).toBeDefined();
  expect(await open(bounces, later(24 * 60 + 11))).toBeDefined();
});

test('closed circuits are deleted after a month, open ones never', async () => {
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

test('a server that left SMTP_URL has no open circuit any more, and the others keep theirs', async () => {
  await open({ domain: '', closesAt: null });
  await open({ transportId: two.id, domain: '', closesAt: null });
  await closeFormerServers(db, [two], later(1));
  expect(await openOnes()).toMatchObject([{ transportId: two.id }]);
});

test('an unreachable server replaces what would be probed, is probed within half a minute, and yields to nothing of its kind', async () => {
  await open({ domain: '', kind: 'throttled', closesAt: later(60) });
  const unreachable = { domain: '', kind: 'unreachable', reason: 'connect ECONNREFUSED' } as const;
  const opened = await open({ ...unreachable, closesAt: later(1) });
  expect(opened?.circuit).toMatchObject({ kind: 'unreachable', closesAt: later(1) });
  expect(await open({ ...unreachable, closesAt: later(2) })).toBeUndefined();
  if (opened === undefined) throw new Error('opened');
  let { circuit: known } = opened;
  for (const seconds of [10, 20, 30, 30]) {
    const change = await apply({ kind: 'still-failing', circuit: known, reason: 'again' }, start);
    expect(change?.circuit.closesAt).toEqual(later(seconds / 60));
    if (change !== undefined) known = change.circuit;
  }
});
