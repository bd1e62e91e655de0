import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { approveDigest } from '../../src/digests/approve.js';
import { controls, mayControl, whyRefused } from '../../src/digests/control.js';
import type { DigestState } from '../../src/digests/digest.js';
import { pauseByHand, pauseDigest } from '../../src/digests/pause.js';
import { cancelDigest } from '../../src/deliveries/cancel-digest.js';
import { resumeDigest } from '../../src/deliveries/resume-digest.js';
import { addLedger, digestRow, forgetPromises, promises } from '../deliveries/ledger-rows.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

const states: DigestState[] = ['draft', 'held', 'approved', 'sending', 'paused', 'closed', 'cancelled'];
const now = () => new Date('2026-11-22T09:00:00Z');

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => forgetPromises(database.db));
afterAll(() => database.close());

const context = () => ({ db: database.db, now });

const verbs = {
  approve: approveDigest,
  pause: pauseByHand,
  resume: resumeDigest,
  cancel: cancelDigest,
} as const;

/** What each control makes of each state; whatever is not here is refused. */
const table: Record<keyof typeof verbs, Partial<Record<DigestState, string>>> = {
  approve: { held: 'done approved', approved: 'already approved', sending: 'already sending' },
  pause: { sending: 'done paused', paused: 'already paused' },
  resume: { paused: 'done sending', sending: 'already sending' },
  cancel: {
    ...{ approved: 'done cancelled', held: 'done cancelled', sending: 'done cancelled' },
    ...{ paused: 'done cancelled', cancelled: 'already cancelled' },
  },
};

test.each(Object.keys(verbs) as (keyof typeof verbs)[])(
  '%s does what fits the state, once, and says why where it does not fit',
  async (control) => {
    for (const state of states) {
      const ledger = await addLedger(database.db, now(), { state, reason: 'Because.' });
      const first = await verbs[control](context(), ledger.digestId);
      const expected = table[control][state] ?? `refused ${state}`;
      expect(`${first.kind} ${(await digestRow(database.db, ledger)).state}`).toBe(expected);
      expect(first.kind === 'done').toBe(mayControl(state, control));
      const kept = await promises(database.db);
      const again = await verbs[control](context(), ledger.digestId);
      expect(again.kind).toBe(first.kind === 'done' ? 'already' : first.kind);
      expect(await promises(database.db)).toEqual(kept);
      if (first.kind === 'refused')
        expect(whyRefused(control, first.state)).toMatch(/Nothing was changed\.$/);
    }
    expect(await verbs[control](context(), randomUUID())).toEqual({ kind: 'unknown' });
  },
);

test('a pause keeps its reason until the digest is resumed, and a second pause does not change it', async () => {
  const ledger = await addLedger(database.db, now(), { state: 'sending' });
  await database.db.transaction((tx) => pauseDigest(tx, ledger.digestId, '554 5.7.1 Blocked'));
  expect(await pauseByHand(context(), ledger.digestId)).toEqual({ kind: 'already' });
  expect(await digestRow(database.db, ledger)).toMatchObject({
    state: 'paused',
    reason: '554 5.7.1 Blocked',
  });
  await resumeDigest(context(), ledger.digestId);
  expect(await digestRow(database.db, ledger)).toMatchObject({ state: 'sending', reason: null });
});

test('two operators at once: one word counts, and one promise is made', async () => {
  const ledger = await addLedger(database.db, now(), { state: 'sending' });
  const kinds = await Promise.all([1, 2, 3].map(() => cancelDigest(context(), ledger.digestId)));
  expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(['already', 'already', 'done']);
  expect(await promises(database.db)).toHaveLength(1);
});

test('an operator’s decision about a held digest wakes whoever plans its readers', async () => {
  for (const [cadence, name, state] of [
    ['instant', 'plan-instant', 'approved'],
    ['daily', 'plan-due', 'approved'],
    ['weekly', 'plan-due', 'approved'],
    ['monthly', 'plan-due', 'approved'],
    ['operator', 'plan-digest', 'sending'],
  ] as const) {
    await forgetPromises(database.db);
    const held = await addLedger(database.db, now(), { state: 'held', cadence });
    await approveDigest(context(), held.digestId);
    expect([cadence, (await promises(database.db)).map((each) => each.name)]).toEqual([cadence, [name]]);
    expect((await digestRow(database.db, held)).state).toBe(state);
    await forgetPromises(database.db);
    const dropped = await addLedger(database.db, now(), { state: 'held', cadence });
    await cancelDigest(context(), dropped.digestId);
    expect((await promises(database.db)).map((each) => each.name)).toEqual(['cancel-deliveries', name]);
  }
});

test('every refusal says in what state the digest is, and what the control is for', () => {
  const said = controls.flatMap((control) => states.map((state) => whyRefused(control, state)));
  expect(new Set(said).size).toBe(controls.length * states.length);
  expect(whyRefused('pause', 'closed')).toBe(
    'It is complete: there is nothing left of it to send. ' +
      'Only a digest that is being sent can be paused. Nothing was changed.',
  );
});
