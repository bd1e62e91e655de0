import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { sql } from '../../src/platform/db/sql.js';
import { enqueue } from '../../src/platform/jobs/outbox.js';
import { repeatingJobNames } from '../../src/platform/jobs/schedules.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startFeedServer, type FeedServer } from '../support/feed-server.js';
import {
  compileCheckout,
  createTempHome,
  runPaperround,
  pathWithoutRedis,
  startPaperround,
  type RunningProcess,
} from '../support/paperround-process.js';
import { describeEachBackend, startTestRedis, type BackendName } from '../support/test-redis.js';
import { startSmtpServer, type SmtpTestServer } from '../support/smtp-server.js';
import { waitUntil } from '../support/wait-until.js';
import { findFreePort } from '../../src/platform/process/free-port.js';

type Digest = { cadence: string; counts: Record<string, number> };
type Mail = { to: string; subject: string; text: string; header(name: string): string };

/** A newsletter as in production: web and worker are processes of their own, and everything goes over the network. */
type Newsletter = {
  url: string;
  database: TestDatabase;
  smtp: SmtpTestServer;
  feed: FeedServer;
  worker: RunningProcess;
  restartWorker(): Promise<void>;
  command(...words: string[]): ReturnType<typeof runPaperround>;
  /** Asks web and worker to stop, and answers how they ended. */
  stop(): Promise<(number | undefined)[]>;
};

const readers = ['ana@example.com', 'ben@example.com', 'caro@example.com'];

const cleanUps: (() => unknown)[] = [];
jest.setTimeout(180_000);

beforeAll(compileCheckout);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

describeEachBackend((backend) => {
  test('readers sign up, confirm, get each article once though the worker is killed, and leave', async () => {
    const newsletter = await startNewsletter(backend);
    const { smtp, feed, command } = newsletter;

    // A publisher makes a newsletter and adds a feed. What is in it now counts as known.
    feed.articles.push({ id: 'old', title: 'Yesterday’s news' });
    const settings = ['slug=lantern', 'name=The Lantern', 'siteUrl=https://lantern.example/'];
    const choices = ['fromAddress=news@lantern.example', 'defaultCadence=instant', 'holdMinutes=0'];
    const postal = 'postalAddress=1 Quay Street, Marrowby';
    expect(await command('publication', 'create', ...settings, ...choices, postal)).toMatchObject({
      code: 0,
      stdout: 'Made The Lantern (lantern).\n',
    });
    expect((await command('feed', 'add', feed.url)).stdout).toMatch(
      /1 article there now\. What is there counts as read/,
    );

    // Three readers fill in the form, open the link in their mail, press the button, and are welcomed.
    for (const email of readers) {
      const page = await signUp(newsletter, email);
      expect(page).toContain('inbox');
      const confirmation = await mailTo(newsletter, email, 1);
      await confirm(newsletter, confirmation);
      const welcome = await mailTo(newsletter, email, 2);
      expect(welcome.subject).toContain('The Lantern');
    }

    // An article appears. The worker is killed while it sends it: Ana has hers, the others' were being sent.
    const release = blockMailTo(smtp, readers.slice(1));
    feed.articles.unshift({ id: 'tide', title: 'The tide is in', text: 'It came early.' });
    await enqueuePoll(newsletter);
    await waitUntil(() => release.held() === 2);
    await waitUntil(() => areAccepted(newsletter, 1));
    await newsletter.worker.end('SIGKILL');
    release.release();
    await newsletter.restartWorker();
    await advanceRowsByAMinute(newsletter);

    // Everybody has it, and has it once.
    for (const email of readers) {
      const digest = await mailTo(newsletter, email, 3);
      expect(digest.subject).toBe('The tide is in');
      expect(digest.text).toContain('It came early.');
    }
    await waitUntilIdle(newsletter);
    const [digest] = JSON.parse((await command('digest', 'list', '--json')).stdout) as Digest[];
    expect(digest).toMatchObject({ cadence: 'instant', counts: { planned: 3, accepted: 3 } });

    // A second poll, a second operator's digest, a worker killed while idle: nobody is mailed again.
    const asked = feed.requests.length;
    await enqueuePoll(newsletter);
    await waitUntil(() => feed.requests.length > asked);
    expect(await command('digest', 'send', '--yes')).toMatchObject({
      code: 1,
      stderr: 'Nobody is due anything. No digest was made.\n',
    });
    await newsletter.worker.end('SIGKILL');
    await newsletter.restartWorker();
    await advanceRowsByAMinute(newsletter);
    await waitUntilIdle(newsletter);
    expect(smtp.messages).toHaveLength(9);

    // They leave with one click in their mail programs, and the next article mails nobody.
    for (const email of readers) await unsubscribeOneClick(await mailTo(newsletter, email, 3));
    feed.articles.unshift({ id: 'ebb', title: 'The tide is out' });
    await enqueuePoll(newsletter);
    await waitUntil(async () => (await lastSeq(newsletter)) === 2);
    await waitUntilIdle(newsletter);
    expect(await command('digest', 'send', '--yes')).toMatchObject({ code: 1 });
    expect(smtp.messages).toHaveLength(9);

    // Asked to stop, both do.
    expect(await newsletter.stop()).toEqual([0, 0]);
  });
});

async function startNewsletter(backend: BackendName): Promise<Newsletter> {
  const database = await createTestDatabase();
  cleanUps.push(database.close);
  const smtp = await startSmtpServer();
  cleanUps.push(smtp.close);
  const paper = await startFeedServer();
  cleanUps.push(paper.close);
  const { dataDir, remove } = createTempHome();
  cleanUps.push(remove);
  const port = await findFreePort();
  const environment = {
    DATABASE_URL: database.url,
    SMTP_URL: smtp.url,
    SECRET_KEY: randomBytes(32).toString('hex'),
    DATA_DIR: dataDir,
    PORT: String(port),
    ...(await queueOf(backend, dirname(dataDir))),
  };
  const start = async (role: string) => {
    const running = startPaperround([role], environment);
    cleanUps.push(() => running.end('SIGKILL'));
    await running.waitForOutput(/Paperround is running/);
    return running;
  };
  const web = await start('web');
  const newsletter: Newsletter = {
    ...{ url: `http://localhost:${port}`, database, smtp, feed: paper },
    worker: await start('worker'),
    restartWorker: async () => void (newsletter.worker = await start('worker')),
    command: (...words) => runPaperround(words, environment),
    stop: () => Promise.all([web.end('SIGTERM'), newsletter.worker.end('SIGTERM')]),
  };
  return newsletter;
}

/** The queue runs on Redis when there is one, on Postgres when none is named and none is found. */
async function queueOf(backend: BackendName, home: string): Promise<Record<string, string>> {
  if (backend === 'postgres') return { PATH: pathWithoutRedis(home) };
  const redis = await startTestRedis();
  cleanUps.push(redis.kill);
  return { REDIS_URL: redis.url };
}

async function signUp({ url }: Newsletter, email: string): Promise<string> {
  const body = new URLSearchParams({ email });
  const answer = await fetch(`${url}/lantern/subscriptions`, { method: 'POST', body });
  expect([answer.status, answer.redirected]).toEqual([200, true]);
  return answer.text();
}

async function confirm({ url }: Newsletter, { text }: Mail): Promise<void> {
  const link = /http:\/\/\S+\/confirm\/[\w-]+/.exec(text)?.[0] ?? '';
  expect(link.startsWith(url)).toBe(true);
  expect(await (await fetch(link)).text()).toContain('<form');
  expect((await fetch(link, { method: 'POST' })).status).toBe(200);
}

/** What her mail program sends when she presses its own button (RFC 8058). */
async function unsubscribeOneClick(digest: Mail): Promise<void> {
  expect(digest.header('List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
  const link = /<(http:[^>]+)>/.exec(digest.header('List-Unsubscribe'))?.[1] ?? '';
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  const answer = await fetch(link, { method: 'POST', body, redirect: 'manual' });
  expect(answer.status).toBe(200);
}

/** The nth mail to an address, which must be the last so far. */
async function mailTo({ smtp }: Newsletter, email: string, number: number): Promise<Mail> {
  const mails = await waitUntil(() => {
    const arrived = smtp.messages.filter(({ to }) => to === email);
    return arrived.length >= number && arrived;
  });
  expect(mails).toHaveLength(number);
  const raw = mails[number - 1]?.raw ?? '';
  const { subject = '', text = '', headers } = await PostalMime.parse(raw);
  const header = (name: string) => headers.find(({ key }) => key === name.toLowerCase())?.value ?? '';
  return { to: email, subject, text, header };
}

/** The mail server does not answer DATA for these readers until it is told to. */
function blockMailTo(smtp: SmtpTestServer, held: string[]): { held(): number; release(): void } {
  const waiting = new Set<string>();
  smtp.setScript((stage, address) => {
    if (stage !== 'data' || !held.includes(address)) return undefined;
    waiting.add(address);
    return new Promise<undefined>(() => {}); // the connection ends with the worker
  });
  return { held: () => waiting.size, release: () => smtp.setScript(() => undefined) };
}

/** Ten minutes pass for the feed: its next poll is enqueued, as the schedule would. */
async function enqueuePoll({ database: { db } }: Newsletter): Promise<void> {
  const { id } = await db.one<{ id: string }>(sql`select id from feeds`);
  await db.transaction((tx) => enqueue(tx, 'poll-feed', { feedId: id }, new Date()));
}

/** A minute passes for what a dead worker had: its leases and its jobs. */
async function advanceRowsByAMinute({ database: { db } }: Newsletter): Promise<void> {
  await db.run(sql`update batches set leased_until = leased_until - interval '1 minute'`);
  await db.run(sql`update outbox set due_at = due_at - interval '1 minute'`);
  await db.run(sql`update schedules set next_at = next_at - interval '1 minute'`);
}

/** Every job that was enqueued has run, but for repeating ones. */
async function waitUntilIdle({ database: { db } }: Newsletter): Promise<void> {
  await waitUntil(async () => {
    const { left } = await db.one<{ left: number }>(sql`
      select (select count(*) from outbox where name <> all(${repeatingJobNames}))
           + (select count(*) from publications where instant_planned_seq < last_seq) as left
    `);
    return left === 0;
  });
}

/** Whether so many deliveries are accepted. */
async function areAccepted({ database: { db } }: Newsletter, deliveries: number): Promise<boolean> {
  const { count } = await db.one<{ count: number }>(
    sql`select count(*) as count from deliveries where state = 'accepted'`,
  );
  return count === deliveries;
}

async function lastSeq({ database: { db } }: Newsletter): Promise<number> {
  return (await db.one<{ lastSeq: number }>(sql`select last_seq from publications`)).lastSeq;
}
