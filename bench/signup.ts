import { once } from 'node:events';
import { createServer } from 'node:net';
import { migrate } from '../src/platform/db/migrate.js';
import type { Db } from '../src/platform/db/database.js';
import { sql } from '../src/platform/db/sql.js';
import { loadAddressHasher } from '../src/platform/address-hash.js';
import { deriveKey } from '../src/platform/keys.js';
import type { Bench } from './bench.js';
import { startChild, type Child } from './children.js';
import { median, medianFigure, type Figure } from './figures.js';
import { seedPublication } from './seed-articles.js';
import { createDatabase, dropDatabase, withDatabase } from './servers.js';
import type { LoadAnswer, LoadQuestion } from './signup-load-child.js';
import { startWeb } from './workers.js';

const DATABASE = 'signup';
const CONNECTIONS = 64;
const SECONDS = 8;
/** A newspaper's busiest hour, many times over. */
const STEADY_RATE = 200;
const ROUNDS = 300;

/** One address in each state that a publication can know it in, all of one length. */
const STATES = ['new', 'pending', 'confirmed', 'paused', 'unsubscribed', 'suppressed'] as const;
const addressOf = (state: string) => `state-${state.padEnd(12, '0')}@mail.example`;

type Ground = { bench: Bench; load: Child; bare: number; ours: number; db: Db };

/**
 * Forms sent to a real web process in production's settings, every check and limit on, each from a network of its own,
 * against an Express route that only reads the same JSON with zod: in turns, from one process that sends.
 */
export async function measureSignUp(bench: Bench): Promise<Figure[]> {
  await createDatabase(bench.servers, DATABASE);
  await migrate(bench.servers.urlOf(DATABASE));
  const secretKey = 'ab'.repeat(32);
  await withDatabase(bench.servers, DATABASE, (db) => seed(db, secretKey));
  const port = await freePort();
  const web = startWeb(bench.servers, {
    database: DATABASE,
    smtpUrl: 'smtp://127.0.0.1:9',
    secretKey,
    dataDir: 'signup-web',
    environment: { PORT: String(port), TRUST_PROXY: '1', LOG_LEVEL: 'warn' },
  });
  const bare = await startChild('signup-bare-child', {});
  const load = await startChild('signup-load-child', {});
  try {
    await answering(port);
    const { port: barePort } = await bare.ask<{ port: number }>({});
    return await withDatabase(bench.servers, DATABASE, (db) =>
      measure({ bench, load, bare: barePort, ours: port, db }),
    );
  } finally {
    await load.stop();
    await bare.stop();
    await web.end();
    await dropDatabase(bench.servers, DATABASE);
  }
}

async function measure(ground: Ground): Promise<Figure[]> {
  const { bench } = ground;
  await measureRate(ground, ground.bare, 'warm', 2);
  await measureRate(ground, ground.ours, 'warm', 3);
  const runs: { ours: LoadAnswer; bare: LoadAnswer }[] = [];
  for (let run = 1; run <= bench.options.runs; run += 1) {
    const bare = await measureRate(ground, ground.bare, `bare${run}`, SECONDS);
    const ours = await measureRate(ground, ground.ours, `ours${run}`, SECONDS);
    runs.push({ ours, bare });
    bench.say(`signup ${run}: ${Math.round(rateOf(ours))}/s, bare route ${Math.round(rateOf(bare))}/s`);
  }
  const lost = await countLost(
    ground,
    runs.map(({ ours }) => ours),
  );
  const steady = await ask(ground, ground.ours, {
    connections: 16,
    seconds: 10,
    rate: STEADY_RATE,
    name: 'steady',
  });
  const states = await measureStates(ground);
  const line = { bench: 'signup', ...(lost === '' ? {} : { void: lost }) };
  return [
    medianFigure(
      { ...line, what: 'sign-ups', unit: '/s' },
      runs.map(({ ours }) => rateOf(ours)),
    ),
    medianFigure(
      { ...line, what: 'a bare Express route', unit: '/s' },
      runs.map(({ bare }) => rateOf(bare)),
    ),
    medianFigure(
      { ...line, what: 'sign-ups / bare route', unit: 'x', bar: { least: 0.5 } },
      runs.map(({ ours, bare }) => rateOf(ours) / rateOf(bare)),
    ),
    {
      ...line,
      what: `p95 at ${STEADY_RATE}/s`,
      value: quantile(steady.times, 0.95),
      unit: 'ms',
      bar: { most: 150 },
    },
    {
      ...line,
      what: 'medians of six states apart',
      value: Math.max(...states) - Math.min(...states),
      unit: 'ms',
      bar: { most: 1 },
      note: STATES.map((state, at) => `${state} ${states[at]?.toFixed(2)} ms`).join(', '),
    },
  ];
}

/** What is above the limits of a newsletter would be held; they are counted, and emptied as fast as they fill. */
async function measureRate(ground: Ground, port: number, name: string, seconds: number): Promise<LoadAnswer> {
  const emptied = setInterval(() => void empty(ground.db), 200);
  try {
    return await ask(ground, port, { connections: CONNECTIONS, seconds, name });
  } finally {
    clearInterval(emptied);
  }
}

function empty(db: Db): Promise<unknown> {
  return db.run(sql`update sign_up_limits set points = 0 where points > 500`);
}

function ask({ load }: Ground, port: number, question: Omit<LoadQuestion, 'port'>): Promise<LoadAnswer> {
  return load.ask<LoadAnswer>({ ...question, port });
}

/** The six are asked in turn over one connection: whatever else the machine does, it does to all of them. */
async function measureStates(ground: Ground): Promise<number[]> {
  const emails = STATES.map(addressOf);
  await empty(ground.db);
  const { times } = await ask(ground, ground.ours, {
    connections: 1,
    seconds: (ROUNDS * 6) / 150,
    name: '',
    emails,
  });
  return STATES.map((_, state) => median(times.filter((__, at) => at % STATES.length === state)));
}

/** Every form that was answered is a row, and its answer is promised. '' when nothing is missing. */
async function countLost({ db }: Ground, answers: readonly LoadAnswer[]): Promise<string> {
  const accepted = answers.reduce((sum, { accepted: count }) => sum + count, 0);
  const others = answers.reduce((sum, { others: count }) => sum + count, 0);
  const { recorded, promised } = await db.one<{ recorded: number; promised: number }>(sql`
    select (select count(*) from sign_up_requests where email like 'ours%' and outcome is null) as recorded,
           (select count(*)
              from sign_up_requests r
              join (select distinct jsonb_array_elements_text(payload -> 'requestIds')::uuid as id
                      from outbox
                     where name = 'answer-sign-ups') p on p.id = r.id
             where r.email like 'ours%') as promised
  `);
  if (others === 0 && recorded === accepted && promised === accepted) return '';
  return `${accepted} accepted, ${others} others, ${recorded} recorded, ${promised} promised`;
}

async function seed(db: Db, secretKey: string): Promise<void> {
  const now = new Date();
  const { id } = await seedPublication({ db, now: () => now }, 'post');
  const hash = await loadAddressHasher(db, [deriveKey(secretKey)]);
  await db.transaction(async (tx) => {
    for (const state of STATES.slice(1)) {
      const email = addressOf(state);
      const status = state === 'suppressed' ? 'unsubscribed' : state;
      await tx.run(sql`
        with person as (insert into subscribers (email, email_key, created_at) values (${email}, ${email}, ${now}) returning id)
        insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone, created_at, confirmed_at)
        select ${id}, id, ${status}, 'en', 'daily', 7, 1, 1, 'UTC', ${now}, ${now} from person
      `);
    }
    await tx.run(sql`
      insert into suppressions (address_hash, publication_id, reason, created_at)
      values (${hash(addressOf('suppressed'))}, ${id}, 'complained', ${now})
    `);
  });
}

function rateOf({ accepted, milliseconds }: LoadAnswer): number {
  return (accepted * 1000) / milliseconds;
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? Number.NaN;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('The web process did not answer.');
}
