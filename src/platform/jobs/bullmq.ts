import type { QueueName } from './definitions.js';
import type { JobQueue } from './queue.js';

/** What redis-backend.ts and postgres-backend.ts make of BullMQ. */
export type Backend = Pick<JobQueue, 'backend' | 'startWorker' | 'hasLostJobs' | 'close'> & {
  queues: Record<QueueName, BullQueue>;
};

/** The part of a BullMQ queue we use. */
type BullQueue = {
  addBulk(
    jobs: { name: string; data: QueuedJobData; opts: typeof BULL_JOB_OPTIONS & { jobId: string } }[],
  ): Promise<unknown>;
  count(): Promise<number>;
};

/** What BullMQ carries. */
export type QueuedJobData = { outboxId: number };

/** The outbox alone decides what runs again, and a job that stays in BullMQ would block its id. */
export const BULL_JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Nobody reads BullMQ's events, so it stores as few as it can; 0 would store all of them on Postgres. */
export const MIN_EVENT_STREAM_OPTIONS = { streams: { events: { maxLen: 1 } } };
