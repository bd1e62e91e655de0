import { randomUUID } from 'node:crypto';
import { bySystem } from '../../src/platform/actor.js';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  approveDigest,
  pauseDigestByOperator,
  pauseDigestByMailServer,
  cancelDigest,
} from '../../src/digests/change-state.js';
import { statesIn } from '../../src/platform/db/transitions.js';
import {
  DIGEST_TRANSITIONS,
  digestActions,
  isActionAllowed,
  refusalReason,
} from '../../src/digests/transition.js';
import type { DigestState } from '../../src/digests/digest.js';
import { resumeDigest } from '../../src/deliveries/control/resume-digest.js';
import { addDigestWithDeliveries, digestRow, deleteJobs, listOutbox } from '../deliveries/delivery-rows.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { operatorWords } from '../support/operator-words.js';

const states = statesIn(DIGEST_TRANSITIONS);
const now = () => new Date('2026-11-22T09:00:00Z');

test('states are listed in the order of a digest’s life, as the API has them', () => {
  expect(states).toEqual(['held', 'approved', 'sending', 'paused', 'closed', 'cancelled']);
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => deleteJobs(database.db));
afterAll(() => database.close());

const context = () => ({ db: database.db, ...bySystem(now()) });

const operations = {
  approve: approveDigest,
  pause: pauseDigestByOperator,
  resume: resumeDigest,
  cancel: cancelDigest,
} as const;

/** The result of each control in each state; where there is none the control is refused. */
const expectedResults: Record<keyof typeof operations, Partial<Record<DigestState, string>>> = {
  approve: { held: 'done approved', approved: 'already approved', sending: 'already sending' },
  pause: { sending: 'done paused', paused: 'already paused' },
  resume: { paused: 'done sending', sending: 'already sending' },
  cancel: {
    ...{ approved: 'done cancelled', held: 'done cancelled', sending: 'done cancelled' },
    ...{ paused: 'done cancelled', cancelled: 'already cancelled' },
  },
};

test.each(Object.keys(operations) as (keyof typeof operations)[])(
  '%s changes a digest once, where its state allows that, and else says why not',
  async (control) => {
    for (const state of states) {
      const ledger = await addDigestWithDeliveries(database.db, now(), { state, reason: 'Because.' });
      const first = await operations[control](context(), ledger.digestId);
      const expected = expectedResults[control][state] ?? `refused ${state}`;
      expect(`${first.kind} ${(await digestRow(database.db, ledger)).state}`).toBe(expected);
      expect(first.kind === 'done').toBe(isActionAllowed(state, control));
      const kept = await listOutbox(database.db);
      const again = await operations[control](context(), ledger.digestId);
      expect(again.kind).toBe(first.kind === 'done' ? 'already' : first.kind);
      expect(await listOutbox(database.db)).toEqual(kept);
      if (first.kind === 'refused')
        expect(refusalReason(control, first.state, operatorWords)).toMatch(/Nothing was changed\.$/);
    }
    expect(await operations[control](context(), randomUUID())).toEqual({ kind: 'unknown' });
  },
);

test('a pause keeps its reason until the digest is resumed, and a second pause does not change it', async () => {
  const ledger = await addDigestWithDeliveries(database.db, now(), { state: 'sending' });
  await database.db.transaction((tx) =>
    pauseDigestByMailServer(tx, ledger.digestId, '554 5.7.1 Blocked', now()),
  );
  expect(await pauseDigestByOperator(context(), ledger.digestId)).toEqual({ kind: 'already' });
  expect(await digestRow(database.db, ledger)).toMatchObject({
    state: 'paused',
    reason: '554 5.7.1 Blocked',
  });
  await resumeDigest(context(), ledger.digestId);
  expect(await digestRow(database.db, ledger)).toMatchObject({ state: 'sending', reason: null });
});

test('of two operators at once one changes the digest, and one job is enqueued', async () => {
  const ledger = await addDigestWithDeliveries(database.db, now(), { state: 'sending' });
  const kinds = await Promise.all([1, 2, 3].map(() => cancelDigest(context(), ledger.digestId)));
  expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(['already', 'already', 'done']);
  expect(await listOutbox(database.db)).toHaveLength(1);
});

test('an operator’s decision about a held digest enqueues the planning of its readers', async () => {
  for (const [cadence, name, state] of [
    ['instant', 'plan-instant', 'approved'],
    ['daily', 'plan-due', 'approved'],
    ['weekly', 'plan-due', 'approved'],
    ['monthly', 'plan-due', 'approved'],
    ['operator', 'plan-digest', 'sending'],
  ] as const) {
    await deleteJobs(database.db);
    const held = await addDigestWithDeliveries(database.db, now(), { state: 'held', cadence });
    await approveDigest(context(), held.digestId);
    expect([cadence, (await listOutbox(database.db)).map((each) => each.name)]).toEqual([cadence, [name]]);
    expect((await digestRow(database.db, held)).state).toBe(state);
    await deleteJobs(database.db);
    const dropped = await addDigestWithDeliveries(database.db, now(), { state: 'held', cadence });
    await cancelDigest(context(), dropped.digestId);
    expect((await listOutbox(database.db)).map((each) => each.name)).toEqual(['cancel-deliveries', name]);
  }
});

test('every refusal names the state of the digest, and what the control is for', () => {
  const said = digestActions.flatMap((control) =>
    states.map((state) => refusalReason(control, state, operatorWords)),
  );
  expect(new Set(said).size).toBe(digestActions.length * states.length);
  expect(refusalReason('pause', 'closed', operatorWords)).toBe(
    'It is complete: there is nothing left of it to send. ' +
      'Only a digest that is being sent can be paused. Nothing was changed.',
  );
});
