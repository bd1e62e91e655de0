import type { QueueName } from './definitions.js';
import type { ClaimedJob } from './outbox.js';

/** How the ids of due outbox rows reach the workers. What it loses is published again later: a job is never lost. */
export type JobQueue = {
  backend: 'redis' | 'postgres';
  /** Rejects within a few seconds when the backend is away. */
  add(queueName: QueueName, jobs: readonly ClaimedJob[]): Promise<void>;
  /** Runs `handler` for each row that arrives in a queue. */
  startWorker(
    queueName: QueueName,
    concurrency: number,
    handler: (outboxId: number) => Promise<void>,
  ): QueueWorker;
  /** True once after the backend lost everything it held. */
  hasLostJobs(): Promise<boolean>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
};

/** `close` takes no more jobs. It waits for the running ones only while the backend can be reached. */
export type QueueWorker = { close(): Promise<void> };
