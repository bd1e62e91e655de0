import { expect, test } from '@jest/globals';
import { jobNames, type JobName } from '../../src/platform/jobs/definitions.js';
import { createJobGate } from '../../workers/job-gate.js';

const before = new Date('2026-11-22T09:00:00Z');
const restoredAt = new Date('2026-11-22T10:00:00Z');
const after = new Date('2026-11-22T11:00:00Z');

async function refused(
  { isTrusted, heldSince }: { isTrusted: boolean; heldSince: Date | undefined },
  createdAt: Date,
): Promise<JobName[]> {
  const gate = createJobGate({
    clock: { isTrusted: () => isTrusted },
    restore: { count: async () => heldSince === undefined, heldSince: async () => heldSince },
  });
  const names: JobName[] = [];
  for (const name of jobNames) if (!(await gate.mayRun({ name, createdAt }))) names.push(name);
  return names.toSorted();
}

test('every job runs while the clock is right and the database is the one it was', async () => {
  expect(await refused({ isTrusted: true, heldSince: undefined }, before)).toEqual([]);
});

test('by a wrong clock only operators are told, and single mails go out', async () => {
  const running = new Set([
    ...['alert-operators', 'send-notice', 'answer-sign-ups', 'answer-link-request', 'send-welcome'],
    ...['post-alert', 'heartbeat', 'add-up-counts'],
    ...['mail-invitation', 'answer-recovery', 'tell-credential-change', 'record-left-requests'],
  ]);
  expect(await refused({ isTrusted: false, heldSince: undefined }, before)).toEqual(
    jobNames.filter((name) => !running.has(name)).toSorted(),
  );
});

test('after a restore what releases, plans, sends, gives up or deletes waits, and single mails from before it', async () => {
  const waiting = [
    ...['plan-digest', 'plan-due', 'plan-instant', 'purge', 'reconcile', 'release-articles', 'release-due'],
    ...['resume-paused', 'retry-deliveries', 'send-batch', 'start-imported'],
  ];
  const held = { isTrusted: true, heldSince: restoredAt };
  expect(await refused(held, after)).toEqual(waiting);
  expect(await refused(held, before)).toEqual(
    [...waiting, 'answer-link-request', 'answer-sign-ups', 'send-welcome'].toSorted(),
  );
});
