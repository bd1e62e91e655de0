import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import { serveParent } from '../support/child-process.js';
import { createArticlesOfSize, composeBaselineMail, type BaselineReader } from './baseline-mail.js';

// A digest as it is usually sent: one job a reader, composed for her, through Nodemailer's pool, one row updated a mail.

export type BaselineOptions = {
  databaseUrl: string;
  redisUrl: string;
  port: number;
  bytes: number;
  readers: number;
};

const CONNECTIONS = 10;
const CONCURRENCY = 50;

const options = JSON.parse(process.argv[2] ?? '{}') as BaselineOptions;
const pool = new pg.Pool({ connectionString: options.databaseUrl, max: CONNECTIONS });
const connection = new Redis(options.redisUrl, { maxRetriesPerRequest: null });
const queue = new Queue<BaselineReader>('baseline', { connection });
const articles = await createArticlesOfSize(options.bytes);
const transport = createTransport({
  host: '127.0.0.1',
  port: options.port,
  pool: true,
  maxConnections: CONNECTIONS,
  maxMessages: Infinity,
});

await queueJobs();
serveParent(async () => ({ milliseconds: await sendAll() }));

/** Everything is queued before the clock runs, as a planned digest of ours is. */
async function queueJobs(): Promise<void> {
  await pool.query(
    'create table if not exists mails (id integer primary key, email text, state text, sent_at timestamptz)',
  );
  await pool.query('truncate mails');
  await pool.query(
    `insert into mails (id, email, state) select n, 'reader-' || n || '@mail.example', 'queued' from generate_series(1, $1) n`,
    [options.readers],
  );
  for (let first = 1; first <= options.readers; first += 1000) {
    const ids = Array.from({ length: Math.min(1000, options.readers - first + 1) }, (_, at) => first + at);
    await queue.addBulk(
      ids.map((id) => ({ name: 'mail', data: readerOf(id), opts: { removeOnComplete: true } })),
    );
  }
}

function readerOf(id: number): BaselineReader {
  return {
    id,
    email: `reader-${id}@mail.example`,
    unsubscribeUrl: `https://bench.example/u/${'x'.repeat(76)}${id}`,
  };
}

function sendAll(): Promise<number> {
  const begun = performance.now();
  let left = options.readers;
  return new Promise((resolve, reject) => {
    const worker = new Worker<BaselineReader>(
      'baseline',
      async ({ data }) => {
        await transport.sendMail(composeBaselineMail(data, articles));
        await pool.query(`update mails set state = 'sent', sent_at = now() where id = $1`, [data.id]);
      },
      { connection, concurrency: CONCURRENCY },
    );
    worker.on('completed', () => {
      if ((left -= 1) === 0) resolve(performance.now() - begun);
    });
    worker.on('failed', (_, error) => reject(error));
    worker.on('error', reject);
  });
}
