import { setTimeout as sleep } from 'node:timers/promises';
import { queueNames, type QueueName } from './definitions.js';
import type { ClaimedJob } from './outbox.js';

/** The doorbell between the outbox and the workers. Losing it delays jobs; it never loses one. */
export type JobQueue = {
  backend: 'redis' | 'postgres';
  /** Rings for these rows. Rejects within a few seconds when the backend is away. */
  add(lane: QueueName, offers: readonly ClaimedJob[]): Promise<void>;
  /** Runs `handler` for what arrives in a lane. */
  startWorker(
    lane: QueueName,
    concurrency: number,
    handler: (outboxId: number) => Promise<void>,
  ): QueueWorker;
  /** True once after the backend lost everything it held. */
  hasLostJobs(): Promise<boolean>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
};

/** `close` takes no more jobs. It waits for the running ones only when the backend is there. */
type QueueWorker = { close(): Promise<void> };

/** What each of BullMQ's two backends is made into. */
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

/** The outbox alone decides what runs again, and a job kept by BullMQ would block its id. */
export const BULL_JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Nobody reads BullMQ's events, so it keeps as few as it can; 0 would keep all of them on Postgres. */
export const MIN_EVENT_STREAM_OPTIONS = { streams: { events: { maxLen: 1 } } };

/** One of something for each lane. */
export function mapQueues<Result>(make: (lane: QueueName) => Result): Record<QueueName, Result> {
  return Object.fromEntries(queueNames.map((lane) => [lane, make(lane)])) as Record<QueueName, Result>;
}

/** Waits for `promise`, but not longer than `milliseconds`. */
export async function waitAtMostMs(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  const timeout = sleep(milliseconds, undefined, { signal: enough.signal }).catch(() => {});
  await Promise.race([promise, timeout]).finally(() => enough.abort());
}
