import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { resumeTransport } from '../../../src/deliveries/control/resume-transport.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { pauseDigestByOperator } from '../../../src/digests/change-state.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import type { CircuitWithTransport } from '../../../src/transports/circuits/circuit.js';
import { listCircuits } from '../../../src/transports/circuits/reads.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  addArticles,
  addReaders,
  readerAddresses,
  resetTestApp,
  advanceAndRunJobs,
} from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { HOUR_MS, SECOND_MS } from '../../../src/platform/durations.js';
import { listDeliveries } from '../../support/deliveries.js';

const BLOCKED = '554 5.7.1 <someone@school.example>: blocked by our policy';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
});

const pupils = Array.from({ length: 60 }, (_, at) => `pupil-${at}@school.example`);

/** A digest to everybody, of whom the pupils are refused; answers its id. */
async function refusedAtSchool(): Promise<string> {
  await addReaders(testApp, publication, [...readerAddresses(8), ...pupils]);
  await addArticles(testApp, publication, 'Harbour');
  testApp.smtp.setScript((stage, to) =>
    stage === 'rcpt' && to.endsWith('@school.example') ? BLOCKED : undefined,
  );
  const sent = await sendOperatorDigest(testApp.context, publication.id);
  if (sent.kind !== 'sending') throw new Error('Nobody is due');
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, 11 * SECOND_MS);
  return sent.digestId;
}

async function onlyCircuit(): Promise<CircuitWithTransport> {
  const [circuit, ...others] = await listCircuits(testApp.context.db);
  if (circuit === undefined) throw new Error('Nothing is left alone');
  expect(others).toEqual([]);
  return circuit;
}

async function sendable(state: string): Promise<number> {
  return (await listDeliveries(testApp)).filter((delivery) => delivery.state === state).length;
}

test('an operator closes the circuit of a domain that refused us: what waited goes out at once', async () => {
  await refusedAtSchool();
  const circuit = await onlyCircuit();
  expect(circuit).toMatchObject({ domain: 'school.example', kind: 'refused', reason: BLOCKED });
  const waiting = (await listDeliveries(testApp)).filter(({ state }) => state === 'queued');
  expect(waiting).toHaveLength(pupils.length);
  const told = waiting.filter(({ attempt, answer }) => attempt > 1 && answer !== BLOCKED);
  expect(told.length).toBeGreaterThan(0);
  expect(new Set(told.map(({ answer }) => answer))).toEqual(
    new Set(['school.example is left alone for now: 554 5.7.1 <…>: blocked by our policy']),
  );

  testApp.smtp.setScript(() => undefined);
  expect(await resumeTransport(testApp.context, circuit.id)).toMatchObject({ id: circuit.id });
  expect(await listCircuits(testApp.context.db)).toEqual([]);
  await advanceAndRunJobs(testApp, 5 * SECOND_MS);
  expect([await sendable('accepted'), testApp.smtp.messages.length]).toEqual([68, 68]);

  const before = await dumpTables(testApp.context.db);
  expect(await resumeTransport(testApp.context, circuit.id)).toBeUndefined();
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
});

test('closing a circuit leaves a paused digest paused, and a complete one complete', async () => {
  const id = await refusedAtSchool();
  await pauseDigestByOperator(testApp.context, id);
  testApp.smtp.setScript(() => undefined);
  await resumeTransport(testApp.context, (await onlyCircuit()).id);
  await advanceAndRunJobs(testApp, HOUR_MS);
  expect([await sendable('accepted'), await sendable('queued')]).toEqual([8, 60]);
});

test('a batch that was postponed whole, because its server asked to slow down, is sent within seconds too', async () => {
  const { db, now } = testApp.context;
  const { id: server } = await db.one<{ id: number }>(sql`select id from transports`);
  const closesAt = new Date(now().getTime() + 4 * HOUR_MS);
  const { id } = await db.one<{ id: string }>(sql`
    insert into circuits (transport_id, kind, reason, reply_count, failure_count, opened_at, closes_at)
    values (${server}, 'throttled', '421 4.7.0 Slow down', 20, 20, ${now()}, ${closesAt})
    returning id
  `);
  await addReaders(testApp, publication, readerAddresses(3));
  await addArticles(testApp, publication, 'Harbour');
  await sendOperatorDigest(testApp.context, publication.id);
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, HOUR_MS);
  expect(await db.one(sql`select due_at from batches`)).toEqual({ dueAt: closesAt });
  await resumeTransport(testApp.context, id);
  await advanceAndRunJobs(testApp, 0);
  expect([await sendable('accepted'), testApp.smtp.messages.length]).toEqual([3, 3]);
});
