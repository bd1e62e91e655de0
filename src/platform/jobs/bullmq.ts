import type { QueueName } from './definitions.js';
import type { JobQueue } from './queue.js';

/** What redis-backend.ts and postgres-backend.ts make of BullMQ. */
export type Backend = Pick<JobQueue, 'backend' | 'startWorker' | 'hasLostJobs' | 'counters' | 'close'> & {
  queues: Record<QueueName, BullQueue>;
  /** Rejects when it does not answer, or takes nothing. */
  check(): Promise<unknown>;
};

/** The part of BullMQ's `Queue` that we use. */
type BullQueue = {
  addBulk(
    jobs: { name: string; data: QueuedJobData; opts: typeof BULL_JOB_OPTIONS & { jobId: string } }[],
  ): Promise<unknown>;
};

/** The data of a BullMQ job. */
export type QueuedJobData = { outboxId: number };

/** Only the outbox decides whether a job runs again. A job that stays in BullMQ would block its id, so it is removed. */
export const BULL_JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Nobody reads BullMQ's events, so it stores as few as possible: one, since 0 stores all of them on Postgres. */
export const MIN_EVENT_STREAM_OPTIONS = { streams: { events: { maxLen: 1 } } };
