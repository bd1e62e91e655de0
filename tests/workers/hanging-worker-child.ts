import pino from 'pino';
import { connectDatabase } from '../../src/platform/db/database.js';
import { jobNames, type Handlers } from '../../src/platform/jobs/definitions.js';
import { connectQueue } from '../../src/platform/jobs/connect-queue.js';
import { startOutboxRelay } from '../../workers/outbox-relay.js';
import { startWorkers } from '../../workers/run-jobs.js';

/** A worker process that starts jobs, prints that, and never finishes one, so that it can be killed in the middle. */
const [databaseUrl = '', redisUrl] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const db = connectDatabase(databaseUrl, () => {});
const queue = await connectQueue({ redisUrl, databaseUrl, log });
const now = () => new Date();
const startAndHang = () => {
  process.stdout.write('started\n');
  return new Promise<void>(() => {});
};
const handlers = Object.fromEntries(jobNames.map((name) => [name, startAndHang])) as Partial<Handlers>;
startWorkers({ db, queue, log, now, handlers: handlers as Handlers });
startOutboxRelay({ db, queue, log, now });
