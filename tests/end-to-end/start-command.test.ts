import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import {
  compileCheckout,
  createTempHome,
  runPaperround,
  startPaperround,
  type RunningProcess,
} from '../support/paperround-process.js';
import { startSmtpServer } from '../support/smtp-server.js';
import { createEmptyDatabase } from '../support/test-database.js';
import { waitUntil } from '../support/wait-until.js';
import { sql } from '../../src/platform/db/sql.js';
import { findFreePort } from '../../src/platform/process/free-port.js';
import { trackProcessTree } from '../support/process-tree.js';

type Mail = { subject: string; text: string };

const cleanUps: (() => unknown)[] = [];
jest.setTimeout(180_000);

beforeAll(compileCheckout);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

test('one command leads from nothing to the first digest, also after Ctrl-C and kill -9', async () => {
  const DATA_DIR = createDataDir();
  const port = await findFreePort();
  const first = startCommand({ DATA_DIR, PORT: String(port) });
  await first.waitForOutput(/start over: delete/);
  expect(first.output().split('\n')).toEqual([
    ...[
      'Preparing a private Postgres (first start only)',
      'Paperround is running. No mail leaves this computer.',
    ],
    `  1 Subscribe      http://localhost:${port}/demo`,
    `  2 Read the mail  http://localhost:${port}/inbox`,
    expect.stringMatching(
      `^  3 Run it         http://localhost:${port}/operator/enter/[\\w-]{32}   \\(once, within 15 minutes\\)$`,
    ),
    expect.stringMatching(
      /^Postgres \d+\.\d+ in .+ · queue on (Redis|Postgres) · Ctrl-C stops, data stays · start over: delete .+$/,
    ),
    '',
  ]);
  await expectAnswers(first);

  // A reader finds the form below an article of the demo, and confirms from the inbox.
  const site = `http://localhost:${port}`;
  await subscribe(site, 'ana@example.com');
  await publishStory(site);
  await waitUntil(async () => (await readInbox(site)).length === 3, 10_000);
  const [digest] = await readInbox(site);
  expect(digest?.text).toContain('ana@example.com');
  expect(first.output()).toMatch(/A mail went out: confirmation\..*A digest reached a reader\./s);

  // Commands find the running servers, and its address.
  const list = await runPaperround(['publication', 'list'], { DATA_DIR });
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(list.stdout).toMatch(/^Slug .*\nharbour-lantern {2}The Harbour Lantern {2}instant\n$/);
  const { stdout: link } = await runPaperround(['operator', 'link'], { DATA_DIR });
  expect(link).toMatch(new RegExp(`^${site}/operator/enter/`));

  // A second start says that one is running, and changes nothing.
  const second = startCommand({ DATA_DIR, PORT: '0' });
  await second.waitForOutput(/Nothing was started/);
  expect(second.output()).toBe(
    `Paperround already runs with ${DATA_DIR} at ${site} (process ${first.pid}). Nothing was started. ` +
      'Stop that one first, or set DATA_DIR to another folder.\n',
  );
  expect(await second.end()).toBe(1);
  expect((await fetch(`${site}/readyz`)).status).toBe(200);

  // Ctrl-C stops all of it.
  const living = trackProcessTree(first.pid);
  expect(living().length).toBeGreaterThan(3);
  const interrupted = Date.now();
  expect(await first.end('SIGINT')).toBe(0);
  expect(Date.now() - interrupted).toBeLessThan(10_000);
  await waitUntil(() => living().length === 0, 5_000);

  // The next start, on another port, finds the data and goes on.
  const third = startCommand({ DATA_DIR, PORT: '0' });
  await third.waitForOutput(/start over: delete/);
  expect(third.output()).not.toContain('Preparing');
  const { site: moved } = await expectAnswers(third);
  expect(await readInbox(moved)).toHaveLength(3);
  await publishStory(moved);
  await waitUntil(async () => (await readInbox(moved)).length === 4, 10_000);

  // Killed, it leaves no process behind, and nothing is lost or mailed again.
  const orphans = trackProcessTree(third.pid);
  expect(await third.end('SIGKILL')).toBeUndefined();
  await waitUntil(() => orphans().length === 0);
  const fourth = startCommand({ DATA_DIR, PORT: '0' });
  await fourth.waitForOutput(/start over: delete/);
  const { site: again } = await expectAnswers(fourth);
  await publishStory(again);
  await waitUntil(async () => (await readInbox(again)).length === 5, 10_000);
  const subjects = (await readInbox(again)).map(({ subject }) => subject);
  expect(new Set(subjects).size).toBe(5);
});

test('a taken port is an error when it was set, and else another one is used', async () => {
  const DATA_DIR = createDataDir();
  // Port 3000 is taken, by this test or by somebody else.
  const taken = createServer().listen(3000, '127.0.0.1');
  await Promise.race([once(taken, 'listening'), once(taken, 'error').catch(() => {})]);
  cleanUps.push(() => taken.close());
  const refused = startCommand({ DATA_DIR, PORT: '3000' });
  await refused.waitForOutput(/Port 3000 is taken/);
  expect(await refused.end()).toBe(1);
  expect(refused.output()).toContain(
    'Port 3000 is taken by another program. Nothing was started. Set PORT to a free one.\n',
  );

  const moved = startCommand({ DATA_DIR }, '--no-demo');
  const [, port] = await moved.waitForOutput(/^Port 3000 is taken, so this is (\d+)\.$/m);
  await moved.waitForOutput(/start over: delete/);
  const { site } = await expectAnswers(moved);
  expect(site).toBe(`http://localhost:${port}`);

  // Without the demo there is no publication, and no page that speaks of one.
  expect(moved.output()).not.toContain('/demo');
  expect(await runPaperround(['publication', 'list'], { DATA_DIR })).toMatchObject({
    stdout: 'There is no publication yet.\n',
  });
  expect(await moved.end('SIGTERM')).toBe(0);
});

test('a shell that knows none of its settings finds what npm start runs with, and a signal to npm stops all of it', async () => {
  const DATA_DIR = createDataDir();
  const [database, smtp] = [await createEmptyDatabase(), await startSmtpServer()];
  cleanUps.push(database.close, smtp.close);
  const { npm, output } = startByNpm({
    DATA_DIR,
    PORT: String(await findFreePort()),
    DATABASE_URL: database.url,
    SMTP_URL: smtp.url,
    SECRET_KEY: 'k'.repeat(40),
  });
  await waitUntil(() => /Ctrl-C stops/.test(output()), 60_000);
  const living = trackProcessTree(npm.pid ?? 0);
  cleanUps.push(() => living().forEach((pid) => process.kill(pid, 'SIGKILL')));
  const values = ['slug=lantern', 'name=Lantern', 'siteUrl=https://l.example', 'fromAddress=n@l.example'];
  expect(await runPaperround(['publication', 'create', ...values], { DATA_DIR })).toMatchObject({ code: 0 });
  expect(await database.db.many(sql`select slug from publications`)).toEqual([{ slug: 'lantern' }]);
  const other = { DATA_DIR, DATABASE_URL: database.url.replace(/[^/]+$/, 'another') };
  const asked = await runPaperround(['publication', 'list'], other);
  expect(asked.stderr).toContain(
    `DATABASE_URL is another database than that of the running Paperround (process `,
  );
  expect(living().length).toBeGreaterThan(1);
  npm.kill('SIGTERM');
  await waitUntil(() => living().length === 0, 20_000);
});

test('in production it refuses to start without its settings, names every missing one, and makes nothing', async () => {
  const DATA_DIR = createDataDir();
  const refused = await runPaperround(['start'], { DATA_DIR, NODE_ENV: 'production' });
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  for (const name of ['DATABASE_URL', 'SMTP_URL', 'SECRET_KEY', 'PUBLIC_URL']) {
    expect(refused.stderr).toMatch(new RegExp(`^  ${name} is missing: .+\\.$`, 'm'));
  }
  const unsafe = await runPaperround(['web'], {
    ...{ DATA_DIR, NODE_ENV: 'production', DATABASE_URL: 'postgres://db/paperround' },
    ...{ REDIS_URL: 'redis://redis', SMTP_URL: 'smtp://mail', SECRET_KEY: 'x'.repeat(32) },
    PUBLIC_URL: 'http://news.example',
  });
  expect([unsafe.code, unsafe.stderr.match(/PUBLIC_URL must be https in production/g)]).toEqual([
    1,
    ['PUBLIC_URL must be https in production'],
  ]);
  expect(existsSync(DATA_DIR)).toBe(false);
});

test('web and worker on one data directory find each other, and either may be killed and come back', async () => {
  const DATA_DIR = createDataDir();
  const PORT = String(await findFreePort());
  const site = `http://localhost:${PORT}`;
  const settings = { DATA_DIR, PORT };
  const worker = stopAfterTest(startPaperround(['worker'], settings));
  const web = stopAfterTest(startPaperround(['web'], settings));
  await Promise.all([worker.waitForOutput(/is running/), web.waitForOutput(/is running/)]);
  const values = ['slug=lantern', 'name=Lantern', 'siteUrl=https://l.example', 'fromAddress=n@l.example'];
  expect(await runPaperround(['publication', 'create', ...values], settings)).toMatchObject({ code: 0 });
  await signUp(site, 'lantern', 'ana@example.com');
  await waitUntil(async () => (await readInbox(site)).length === 1);

  const ready = async (status: number) => (await fetch(`${site}/readyz`)).status === status;
  const gone = trackProcessTree(worker.pid);
  await worker.end('SIGKILL');
  await waitUntil(() => gone().length === 0);
  const next = stopAfterTest(startPaperround(['worker'], settings));
  await next.waitForOutput(/is running/);
  await waitUntil(() => ready(200));
  await signUp(site, 'lantern', 'ben@example.com');
  await waitUntil(async () => (await readInbox(site)).length === 2);
  const all = [trackProcessTree(web.pid), trackProcessTree(next.pid)];
  expect(await Promise.all([web.end('SIGINT'), next.end('SIGINT')])).toEqual([0, 0]);
  await waitUntil(() => all.every((living) => living().length === 0), 5_000);
});

function createDataDir(): string {
  const { dataDir, remove } = createTempHome();
  cleanUps.push(remove);
  return dataDir;
}

function startCommand(environment: Record<string, string>, ...words: string[]): RunningProcess {
  return stopAfterTest(startPaperround(['start', ...words], environment));
}

/** As README says; with `test` no .env of this checkout is read. */
function startByNpm(environment: Record<string, string>) {
  const npm = spawn('npm', ['start', '--silent', '--', '--no-demo'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'test', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [npm.stdout, npm.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { npm, output: () => text };
}

function stopAfterTest(running: RunningProcess): RunningProcess {
  cleanUps.push(() => running.end('SIGKILL'));
  return running;
}

/** Every address that was printed leads to a page. */
async function expectAnswers(running: RunningProcess): Promise<{ site: string }> {
  const urls = running.output().match(/http:\/\/\S+/g) ?? [];
  expect(urls).toHaveLength(3);
  const answers = await Promise.all(urls.map((url) => fetch(url)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  return { site: new URL(urls[0] ?? '').origin };
}

async function subscribe(site: string, email: string): Promise<void> {
  const home = await (await fetch(`${site}/demo`)).text();
  const article = /href="(\/demo\/articles\/[^"]+)"/.exec(home)?.[1] ?? '';
  const page = await (await fetch(site + article)).text();
  const slug = /action="\/([^"/]+)\/subscriptions"/.exec(page)?.[1] ?? '';
  await signUp(site, slug, email);
  const mails = await waitUntil(async () => {
    const arrived = await readInbox(site);
    return arrived.length > 0 && arrived;
  });
  const confirm = /http:\/\/\S+\/confirm\/[\w-]+/.exec(mails[0]?.text ?? '')?.[0] ?? '';
  expect((await fetch(confirm, { method: 'POST' })).status).toBe(200);
  await waitUntil(async () => (await readInbox(site)).length === 2);
}

async function signUp(site: string, slug: string, email: string): Promise<void> {
  const body = new URLSearchParams({ email });
  const answer = await fetch(`${site}/${slug}/subscriptions`, { method: 'POST', body });
  expect([answer.status, new URL(answer.url).pathname]).toEqual([
    200,
    expect.stringMatching(/^\/check-inbox\//),
  ]);
}

async function publishStory(site: string): Promise<void> {
  const answer = await fetch(`${site}/demo/articles`, { method: 'POST' });
  expect([answer.status, answer.redirected]).toEqual([200, true]);
}

/** What the inbox shows, newest first. */
async function readInbox(site: string): Promise<Mail[]> {
  const page = await (await fetch(`${site}/inbox?refresh=off`)).text();
  const ids = [...page.matchAll(/href="\/inbox\/(\d{8}T[\w-]+)"/g)].map(([, id]) => id);
  return Promise.all(
    ids.map(async (id) => {
      const raw = await (await fetch(`${site}/inbox/${id}/raw`)).text();
      const { subject = '', text = '' } = await PostalMime.parse(raw);
      return { subject, text };
    }),
  );
}
