import { setTimeout as sleep } from 'node:timers/promises';
import { findViolations, readSample } from '../../../bench/faults/ledger-watch.js';
import type { Db } from '../../../src/platform/db/database.js';
import { connectDatabase } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import { serverUrl } from '../../support/test-database.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  createTempHome,
  pathWithoutRedis,
  startPaperround,
  type RunningProcess,
} from '../../support/paperround-process.js';
import { addArticles, addReaders, readerAddresses } from '../../support/fixtures.js';
import type { SmtpReply, SmtpStage } from '../../support/smtp-server.js';
import { waitUntil } from '../../support/wait-until.js';

/** A digest that is planned and not sent, worker processes to stop or kill, and a mail server that counts. */
export type FaultFixture = {
  testApp: TestApp;
  db: Db;
  digestId: string;
  readers: string[];
  /** The settings of the worker processes. */
  environment: Record<string, string>;
  /** Starts a worker process. */
  work(): RunningProcess;
  /** How often the mail server took a digest for each address. */
  accepted(): Map<string, number>;
  /** Waits until it has taken so many. */
  untilAccepted(count: number): Promise<void>;
  /** What was wrong with the ledger at any moment so far, and how often it was sampled. */
  balance(): { wrong: string[]; samples: number };
  /** Each address with the state of its delivery. */
  deliveryStates(): Promise<Map<string, string>>;
  /** Waits until no batch has anything to do; with `hurry`, what waits for minutes is due at once. */
  untilDone(options?: { hurry?: boolean }): Promise<void>;
  close(): Promise<void>;
};

/** How long the mail server takes to answer a final dot, having taken the message. */
const DOT_DELAY_MS = 40;

export async function openFaultFixture(
  options: { readers: number; uncertain?: 'resend' | 'hold'; redisUrl: string | undefined },
  script: (stage: SmtpStage, address: string) => SmtpReply = () => undefined,
): Promise<FaultFixture> {
  const testApp = await openTestApp({ now: new Date() });
  const { db, config } = testApp.context;
  const publication = await testApp.createPublication();
  const readers = readerAddresses(options.readers);
  await addReaders(testApp, publication, readers);
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  const { id: digestId } = await db.one<{ id: string }>(sql`select id from digests`);
  testApp.smtp.setScript(async (stage, address) => {
    if (stage === 'dot') await sleep(DOT_DELAY_MS);
    return script(stage, address);
  });

  const home = createTempHome();
  const url = new URL(serverUrl());
  url.pathname = (await db.one<{ name: string }>(sql`select current_database() as name`)).name;
  const environment = {
    ...(options.redisUrl === undefined
      ? { PATH: pathWithoutRedis(home.dataDir.replace(/\/data$/, '')) }
      : { NODE_ENV: 'production', REDIS_URL: options.redisUrl }),
    DATABASE_URL: url.toString(),
    SMTP_URL: `${testApp.smtp.url}?uncertain=${options.uncertain ?? 'resend'}`,
    SECRET_KEY: config.secretKeys[0] ?? '',
    PUBLIC_URL: 'https://news.example.com',
    DATA_DIR: home.dataDir,
  };
  const workers: RunningProcess[] = [];
  const watch = watchBalance(url.toString(), publication.id, testApp, readers.length);
  const fixture: FaultFixture = {
    ...{ testApp, db, digestId, readers, environment },
    work: () => {
      const worker = startPaperround(['worker'], environment);
      workers.push(worker);
      return worker;
    },
    accepted: () => countAccepted(testApp),
    untilAccepted: async (count) => {
      await waitUntil(() => testApp.smtp.messages.length >= count, 30_000);
    },
    balance: () => watch.seen,
    deliveryStates: () => readDeliveryStates(db),
    untilDone: async ({ hurry = false } = {}) => {
      await waitUntil(async () => {
        if (hurry) await makeWaitingDue(db);
        return isDone(db);
      }, 40_000);
    },
    close: async () => {
      await watch.stop();
      for (const worker of workers) await worker.end('SIGKILL');
      await testApp.close();
      home.remove();
    },
  };
  return fixture;
}

function countAccepted({ smtp }: TestApp): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { to } of smtp.messages) counts.set(to, (counts.get(to) ?? 0) + 1);
  return counts;
}

async function readDeliveryStates(db: Db): Promise<Map<string, string>> {
  const rows = await db.many<{ email: string; state: string }>(sql`
    select p.email, d.state
      from deliveries d
      join subscriptions s on s.id = d.subscription_id
      join subscribers p on p.id = s.subscriber_id
  `);
  return new Map(rows.map(({ email, state }) => [email, state]));
}

async function isDone(db: Db): Promise<boolean> {
  const left = await db.maybe(sql`
    select number from batches where due_at is not null or leased_until is not null limit 1
  `);
  return left === undefined;
}

/** Changes only the times in the rows. */
async function makeWaitingDue(db: Db): Promise<void> {
  await db.run(sql`
    update deliveries
       set next_attempt_at = now()
     where state in ('queued', 'deferred')
       and next_attempt_at > now()
  `);
  await db.run(sql`
    update deliveries set updated_at = now() - interval '11 minutes' where state = 'uncertain'
  `);
  await db.run(sql`update batches set due_at = now() where due_at > now() and leased_until is null`);
  // The job of a worker that was killed would be published again after a minute.
  await db.run(sql`
    update outbox o
       set due_at = now()
      from batches b
     where o.name = 'send-batch'
       and o.publish_count > 0
       and o.due_at > now()
       and (o.payload ->> 'batch')::integer = b.number
       and b.due_at <= now()
       and b.leased_until is null
  `);
  await db.run(sql`
    update schedules set next_at = now() where name = 'sweep' and next_at > now() + interval '2 seconds'
  `);
}

const SAMPLE_INTERVAL_MS = 100;

/** Over a connection of its own, until it is closed. */
function watchBalance(url: string, publicationId: string, { smtp }: TestApp, readers: number) {
  const db = connectDatabase(url, () => {}, 1);
  const over = new AbortController();
  const seen = { wrong: [] as string[], samples: 0 };
  let accepted = 0;
  const look = async () => {
    const sample = await readSample(db, publicationId).catch(() => undefined);
    if (sample === undefined) return; // Postgres is down
    seen.samples += 1;
    seen.wrong.push(...findViolations(sample, { readers, messages: smtp.messages.length, accepted }));
    accepted = sample['accepted'] ?? 0;
  };
  const watching = (async () => {
    for (; !over.signal.aborted; await sleep(SAMPLE_INTERVAL_MS)) await look();
  })();
  return {
    seen,
    stop: async () => {
      over.abort();
      await watching;
      await db.close();
    },
  };
}
