import type { ClockCheck } from '../src/platform/clock/clock-check.js';
import type { JobName } from '../src/platform/jobs/definitions.js';
import type { RestoreCheck } from '../src/platform/restore/restore-check.js';

/** Whether a job may run now. One that may not stays in the outbox as it is, and is published again. */
export type JobGate = {
  mayRun(job: { name: JobName; createdAt: Date }): Promise<boolean>;
  /** The only jobs worth enqueueing or publishing now; undefined: all. */
  onlyJobs(): readonly JobName[] | undefined;
};

/** What decides nothing by the time: operators are told, and whoever waits for a mail of her own gets it. */
const TIMELESS_JOBS: readonly JobName[] = [
  'add-up-counts',
  'alert-operators',
  'post-alert',
  'heartbeat',
  'send-notice',
  'answer-sign-ups',
  'answer-link-request',
  'send-welcome',
  'mail-invitation',
  'answer-recovery',
  'tell-credential-change',
  'record-left-requests',
];

/** After a restore these wait for an operator: they number articles, plan, send, give up or delete. */
const HELD_JOBS: readonly JobName[] = [
  'release-articles',
  'release-due',
  'plan-instant',
  'plan-digest',
  'plan-due',
  'send-batch',
  'retry-deliveries',
  'resume-paused',
  'start-imported',
  'reconcile',
  'purge',
];

/** These wait if they are older than the restore: their mails may have gone out since. */
const JOBS_OF_SINGLE_MAILS: readonly JobName[] = ['answer-sign-ups', 'answer-link-request', 'send-welcome'];

/** While the clock is wrong, or the database was restored and nobody has decided, nothing is planned, expired or purged. */
export function createJobGate({
  clock,
  restore,
}: {
  clock: Pick<ClockCheck, 'isTrusted'>;
  restore: Pick<RestoreCheck, 'count' | 'heldSince'>;
}): JobGate {
  const onlyJobs = () => (clock.isTrusted() ? undefined : TIMELESS_JOBS);
  const isHeld = async (name: JobName, createdAt: Date) => {
    // Which notices are held is decided by each: alerts and what came after the restore go out.
    if (name === 'send-notice') return void (await restore.count());
    if (HELD_JOBS.includes(name)) return !(await restore.count());
    if (!JOBS_OF_SINGLE_MAILS.includes(name)) return false;
    const heldSince = await restore.heldSince();
    return heldSince !== undefined && createdAt <= heldSince;
  };
  return {
    mayRun: async ({ name, createdAt }) =>
      (onlyJobs()?.includes(name) ?? true) && !(await isHeld(name, createdAt)),
    onlyJobs,
  };
}

export const OPEN_GATE: JobGate = { mayRun: async () => true, onlyJobs: () => undefined };
