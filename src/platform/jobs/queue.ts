import type { CounterStore } from '../restore/restore-check.js';
import type { QueueName } from './definitions.js';
import type { ClaimedJob } from './publish-outbox.js';

/** Carries the ids of due outbox rows to the workers. What it loses is published again later. */
export type JobQueue = {
  backend: 'redis' | 'postgres';
  /** Rejects within seconds while the backend is away. */
  add(queueName: QueueName, jobs: readonly ClaimedJob[]): Promise<void>;
  /** Runs `handler` for each row that arrives in a queue. */
  startWorker(
    queueName: QueueName,
    concurrency: number,
    handler: (outboxId: number) => Promise<void>,
  ): QueueWorker;
  /** True once after the backend lost its data. */
  hasLostJobs(): Promise<boolean>;
  /** Survives a database that is restored; on Postgres it knows nothing. */
  counters: CounterStore;
  /** Undefined: it answers and takes jobs; otherwise why not. */
  findFault(): Promise<string | undefined>;
  close(): Promise<void>;
};

/** `close` takes no more jobs, and waits for the running ones if the backend can be reached. */
export type QueueWorker = { close(): Promise<void> };
