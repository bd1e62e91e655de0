import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.js';
import {
  compileCheckout,
  createTempHome,
  runPaperround,
  startPaperround,
} from '../support/paperround-process.js';
import { describeEachBackend, startTestRedis, type TestRedis } from '../support/test-redis.js';
import { startSmtpServer, type SmtpTestServer } from '../support/smtp-server.js';
import { waitUntil } from '../support/wait-until.js';
import { findFreePort } from '../../src/platform/process/free-port.js';

/** `paperround` as a server runs it: every server is named, none is started, and there is no inbox and no demo. */
describeEachBackend((backend) => {
  let database: TestDatabase;
  let redis: TestRedis | undefined;
  let smtp: SmtpTestServer;
  let settings: Record<string, string>;
  const home = createTempHome();

  beforeAll(async () => {
    await compileCheckout();
    [database, smtp] = await Promise.all([createEmptyDatabase(), startSmtpServer()]);
    redis = backend === 'redis' ? await startTestRedis() : undefined;
    settings = {
      NODE_ENV: 'production',
      DATA_DIR: home.dataDir,
      DATABASE_URL: database.url,
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      SMTP_URL: smtp.url,
      SECRET_KEY: randomBytes(32).toString('hex'),
      PUBLIC_URL: 'https://news.example.com',
    };
  }, 120_000);
  afterAll(async () => {
    await Promise.all([database.close(), redis?.kill(), smtp.close()]);
    home.remove();
  });

  const started = async (role: string) => {
    const port = await findFreePort();
    const process = startPaperround([role], { ...settings, PORT: String(port) });
    await process.waitForOutput(/"event":"started"/);
    return { process, url: `http://127.0.0.1:${port}` };
  };

  test('three processes on an empty database migrate it once, serve, send, and stop within seconds', async () => {
    const [web, second, worker] = await Promise.all([started('web'), started('web'), started('worker')]);
    expect(worker.process.output()).toContain(`"queue":"${backend}"`);
    const { count } = await database.db.one<{ count: number }>(sql`select count(*) as count from migrations`);
    expect(count).toBeGreaterThan(3);

    const ready = await fetch(`${web.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', database: true, queue: true, worker: true, mail: true },
    ]);
    expect((await fetch(`${second.url}/healthz`)).headers.get('strict-transport-security')).toMatch(
      /max-age=\d{8}/,
    );
    for (const page of ['/inbox', '/demo', '/demo/feed.xml']) {
      expect([page, (await fetch(`${web.url}${page}`)).status]).toEqual([page, 404]);
    }

    const created = [
      'slug=town',
      'name=Town',
      'siteUrl=https://town.example',
      'fromAddress=news@town.example',
    ];
    expect(await runPaperround(['publication', 'create', ...created], settings)).toMatchObject({ code: 0 });
    const form = new URLSearchParams({ email: 'ada@example.com' });
    const asked = await fetch(`${web.url}/town/subscriptions`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    });
    expect(asked.status).toBe(303);
    await smtp.waitForMessages(1, 20_000);
    expect(smtp.messages[0]?.raw.toString().replaceAll('=\r\n', '')).toContain(
      'https://news.example.com/confirm/',
    );

    const stopping = Date.now();
    const codes = await Promise.all([web, second, worker].map(({ process }) => process.end('SIGTERM')));
    expect(codes).toEqual([0, 0, 0]);
    expect(Date.now() - stopping).toBeLessThan(30_000);
  }, 120_000);

  if (backend === 'redis') {
    test('one that starts with a Redis that takes nothing says so in a sentence, and stays', async () => {
      await redis?.command('replicaof', '127.0.0.1', '1');
      const worker = startPaperround(['worker'], settings);
      const [said] = await worker.waitForOutput(/^The queue takes no jobs, .*REDIS_URL.*$/m);
      expect(said).toContain('This Redis is a read-only copy.');
      await worker.waitForOutput(
        /"event":"outbox-relay.unavailable","reason":"This Redis is a read-only copy/,
      );
      await redis?.command('replicaof', 'no', 'one');
      await worker.waitForOutput(/"event":"outbox-relay.available"/);
      expect(worker.output()).not.toMatch(/\n +at /);
      expect(await worker.end('SIGTERM')).toBe(0);
    }, 120_000);

    return; // the queue makes no difference to what follows
  }

  test('a second one does not take the next port, and a shell without its settings is told that it runs', async () => {
    const { process } = await started('web');
    const lost = await runPaperround(['publication', 'list'], { DATA_DIR: home.dataDir });
    expect([lost.code, lost.stdout, lost.stderr]).toEqual([
      1,
      '',
      `Paperround runs in production with ${home.dataDir} (process ${process.pid}), and this shell does not know its settings. ` +
        'Nothing was changed. Give this shell the same ones; a file .env beside the program gives them to every shell.\n',
    ]);
    const taken = createServer().listen(3000, '127.0.0.1');
    await Promise.race([once(taken, 'listening'), once(taken, 'error').catch(() => {})]);
    const second = await runPaperround(['web'], settings);
    taken.close();
    expect([second.code, second.stdout, second.stderr]).toEqual([
      1,
      '',
      'Port 3000 is taken by another program or another Paperround. Nothing was started. Set PORT to a free one.\n',
    ]);
    await process.end('SIGTERM');
  });

  test('the link into the dashboard works behind https, and no log has an address or a token in it', async () => {
    const { process, url } = await started('web');
    const link = (await runPaperround(['operator', 'link'], settings)).stdout.trim();
    expect(link).toMatch(/^https:\/\/news\.example\.com\/operator\/enter\/[\w-]+$/);
    const entered = await fetch(`${url}${new URL(link).pathname}`, { method: 'POST', redirect: 'manual' });
    expect(entered.status).toBe(303);
    expect(entered.headers.get('set-cookie')).toMatch(/Secure; SameSite=Lax/);
    await waitUntil(async () => (await fetch(`${url}/town`)).status === 200);
    await process.end('SIGTERM');
    expect(process.output()).not.toContain(new URL(link).pathname.split('/').at(-1));
    expect(process.output()).not.toContain('ada@example.com');
  }, 120_000);

  test('starting prints an entry link for the dashboard until there is an operator', async () => {
    const prints = async () => {
      const { process } = await started('web');
      await process.end('SIGTERM');
      return process.output().includes('https://news.example.com/operator/enter/');
    };
    expect(await prints()).toBe(true);
    await runPaperround(['operator', 'create', 'ada@example.com'], settings);
    expect(await prints()).toBe(false);
  }, 120_000);
});
