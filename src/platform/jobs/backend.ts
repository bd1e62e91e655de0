import { setTimeout as sleep } from 'node:timers/promises';
import { lanes, type Lane } from './contract.js';
import type { Offer } from './outbox.js';

/** The doorbell between the outbox and the workers. Losing it delays jobs; it never loses one. */
export type JobQueue = {
  backend: 'redis' | 'postgres';
  /** Rings for these rows. Rejects within a few seconds when the backend is away. */
  add(lane: Lane, offers: readonly Offer[]): Promise<void>;
  /** Runs `handler` for what arrives in a lane. */
  work(lane: Lane, concurrency: number, handler: (outboxId: number) => Promise<void>): LaneWorker;
  /** True once after the backend lost everything it held. */
  hasForgotten(): Promise<boolean>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
};

/** `close` takes no more jobs. It waits for the running ones only when the backend is there. */
type LaneWorker = { close(): Promise<void> };

/** What each of BullMQ's two backends is made into. */
export type Backend = Pick<JobQueue, 'backend' | 'work' | 'hasForgotten' | 'close'> & {
  queues: Record<Lane, LaneQueue>;
};

/** The part of a BullMQ queue we use. */
type LaneQueue = {
  addBulk(
    jobs: { name: string; data: Ring; opts: typeof ringOptions & { jobId: string } }[],
  ): Promise<unknown>;
  count(): Promise<number>;
};

/** What BullMQ carries. */
export type Ring = { outboxId: number };

/** The outbox alone decides what runs again, and a job kept by BullMQ would block its id. */
export const ringOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Nobody reads BullMQ's events, so it keeps as few as it can; 0 would keep all of them on Postgres. */
export const noEvents = { streams: { events: { maxLen: 1 } } };

/** One of something for each lane. */
export function eachLane<Result>(make: (lane: Lane) => Result): Record<Lane, Result> {
  return Object.fromEntries(lanes.map((lane) => [lane, make(lane)])) as Record<Lane, Result>;
}

/** Waits for `promise`, but not longer than `milliseconds`. */
export async function atMost(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  const timeout = sleep(milliseconds, undefined, { signal: enough.signal }).catch(() => {});
  await Promise.race([promise, timeout]).finally(() => enough.abort());
}
