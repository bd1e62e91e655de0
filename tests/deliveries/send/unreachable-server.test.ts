import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createHandlers } from '../../../workers/handlers.js';
import { readDigestDetails } from '../../../src/dashboard/digest-details.js';
import { readHealth } from '../../../src/dashboard/health.js';
import { resumeTransport } from '../../../src/deliveries/control/resume-transport.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { createToken } from '../../../src/operators/api-token.js';
import { createOperator } from '../../../src/operators/accounts.js';
import type { Context } from '../../../src/platform/context.js';
import { sql } from '../../../src/platform/db/sql.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/platform/durations.js';
import { createLog, type LoggedEvent } from '../../../src/platform/log.js';
import { formatDateTime } from '../../../src/platform/text/format-dates.js';
import { createMailer } from '../../../src/platform/mail/smtp/mailer.js';
import type { Publication } from '../../../src/publications/publication.js';
import { recordTrustedRequest } from '../../../src/subscribers/sign-up/record-requests.js';
import { listCircuits } from '../../../src/transports/circuits/reads.js';
import { listDeliveries } from '../../support/deliveries.js';
import { addArticles, addReaders, readerAddresses, resetTestApp } from '../../support/fixtures.js';
import { startFeedServer } from '../../support/feed-server.js';
import { readMails } from '../../support/reader-actions.js';
import { startWebServer } from '../../http/start-web-server.js';
import { SELF_SIGNED } from '../../support/self-signed-certificate.js';
import { runDueJobs } from '../../support/handler-runs.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
});
afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  ends = [];
});
afterAll(() => testApp.close());

/** A worker of its own, with another SMTP_URL than the application's, as after a restart with other settings. */
type Worker = { context: Context; events: LoggedEvent[]; pass(milliseconds: number): Promise<void> };

function startWorker(smtpUrl: string): Worker {
  const events: LoggedEvent[] = [];
  const mailer = createMailer({ smtpUrl, connections: 4, timeouts: { connect: 500 } });
  ends.unshift(() => mailer.close());
  const log = createLog('warn', { file: '/dev/null', onEvent: (event) => events.push(event) });
  const context = { ...testApp.context, mailer, log };
  const handlers = createHandlers(context);
  return {
    context,
    events,
    pass: async (milliseconds) => {
      // As the schedule has it: a sweep every 15 seconds.
      for (let left = milliseconds; left > 0; left -= 15 * SECOND_MS) {
        testApp.advanceClock(Math.min(left, 15 * SECOND_MS));
        await handlers.sweep({});
        await runDueJobs(context, handlers);
      }
    },
  };
}

/** With STARTTLS, a certificate that nobody has signed, and one user. */
async function startPostfix(options: SMTPServerOptions = {}): Promise<{ port: number; count(): number }> {
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    ...SELF_SIGNED,
    onAuth: ({ password }, _session, done) =>
      password === 'right' ? done(null, { user: 'ada' }) : done(new Error('authentication failed')),
    onData: (stream, _session, done) => {
      stream.resume().on('end', () => {
        count += 1;
        done(null, 'queued as T1');
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  ends.push(() => new Promise<void>((resolve) => server.close(resolve)));
  const address = listening.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, count: () => count };
}

async function signUp(email = 'ada@example.com'): Promise<void> {
  const choices = { locale: null, timezone: null, cadence: null, topics: [], source: null };
  const { context } = testApp;
  const { id } = await recordTrustedRequest(context, { publicationId: publication.id, email, ...choices });
  await testApp.handlers['answer-sign-ups']({ requestIds: [id] });
}

const noticeStates = async () =>
  (
    await testApp.context.db.many<{ state: string }>(
      sql`select state from notices where kind = 'confirmation' order by id`,
    )
  ).map(({ state }) => state);
const alerts = () =>
  testApp.context.db.many<{ kind: string }>(sql`select kind from alerts where resolved_at is null`);

describe.each<[string, RegExp, RegExp, () => Promise<{ broken: string; mended: string }>]>([
  [
    'with a certificate that nobody has signed',
    /self-signed certificate/,
    /tls\.rejectUnauthorized=false/,
    async () => {
      const { port } = await startPostfix();
      return {
        broken: `smtp://127.0.0.1:${port}?tls.rejectUnauthorized=true`,
        mended: `smtp://127.0.0.1:${port}?tls.rejectUnauthorized=false`,
      };
    },
  ],
  [
    'that wants another password',
    /^535 /,
    /user and password/,
    async () => {
      const { port } = await startPostfix();
      return { broken: `smtp://ada:wrong@127.0.0.1:${port}`, mended: `smtp://ada:right@127.0.0.1:${port}` };
    },
  ],
  [
    'that takes connections and says nothing',
    /has not let us in/,
    /host and port/,
    async () => {
      const silent = createServer(() => {}).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const address = silent.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      ends.push(() => new Promise((resolve) => silent.close(resolve)));
      return { broken: `smtp://127.0.0.1:${port}`, mended: testApp.smtp.url };
    },
  ],
])('a server %s', (_what, words, remedy, prepare) => {
  test('is told at every door within a minute, and sends within a minute once it is mended', async () => {
    const { broken, mended } = await prepare();
    await createOperator(testApp.context, {
      email: 'owner@lantern.example',
      name: null,
      grant: 'administrator',
    });
    await signUp();
    const { events, context, pass } = startWorker(broken);
    await pass(1);
    await pass(45 * SECOND_MS);

    const name = new URL(broken).host;
    const [circuit, ...others] = await listCircuits(context.db);
    expect(others).toEqual([]);
    expect(circuit).toMatchObject({
      transport: name,
      kind: 'unreachable',
      reason: expect.stringMatching(words),
    });
    const log = events.find(({ event }) => event === 'circuit.opened');
    expect(log).toMatchObject({
      transport: name,
      reason: expect.stringMatching(words),
      waiting: 1,
      nextTryAt: expect.any(Date),
      says: expect.stringMatching(remedy),
    });
    expect(await alerts()).toEqual([{ kind: 'open-circuit' }]);
    const { servers } = await readHealth(context, [publication]);
    expect(servers.flatMap(({ circuits }) => circuits)).toMatchObject([{ kind: 'unreachable', waiting: 1 }]);
    const web = await startWebServer(context, testApp.keys);
    const { token } = await createToken(context, { name: 'monitor', scopes: ['read'] });
    const anonymous = await (await fetch(`${web.url}/readyz`)).json();
    const told = (await (
      await fetch(`${web.url}/readyz`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { details: string[] };
    await web.close();
    expect(anonymous).toMatchObject({ status: 'not-ready', mail: false });
    expect(anonymous).not.toHaveProperty('details');
    expect(told.details.join(' ')).toContain(name);
    expect(told.details.join(' ')).toMatch(/One mail waits since 2026.*It was tried/);
    expect(told.details.join(' ')).toMatch(remedy);

    const after = startWorker(mended);
    await after.pass(MINUTE_MS);
    expect(await noticeStates()).toEqual(['accepted']);
  });
});

describe('a server that is away', () => {
  const away = () =>
    testApp.smtp.setScript((stage) => (stage === 'connect' ? '421 4.3.2 Shutting down' : undefined));
  const back = () => testApp.smtp.setScript(() => undefined);

  async function sendToThirty(): Promise<string> {
    await addReaders(testApp, publication, readerAddresses(30));
    await addArticles(testApp, publication, 'Harbour');
    const sent = await sendOperatorDigest(testApp.context, publication.id);
    if (sent.kind !== 'sending') throw new Error('Nobody is due');
    return sent.digestId;
  }

  test('keeps a digest waiting, whose page says so, and is tried with one mail at a time', async () => {
    const worker = startWorker(testApp.smtp.url);
    const id = await sendToThirty();
    away();
    await worker.pass(MINUTE_MS);
    const details = await readDigestDetails(testApp.context, id);
    expect(details).toMatchObject({ state: 'sending', counts: { queued: 30 } });
    expect(details?.circuits).toMatchObject([{ kind: 'unreachable', waiting: 30 }]);
    const attempts = (await listDeliveries(testApp)).map(({ attempt }) => attempt);
    const before = testApp.smtp.connections.total;
    await worker.pass(5 * MINUTE_MS);
    const tried = (await listDeliveries(testApp)).filter(({ attempt }, at) => attempt > (attempts[at] ?? 0));
    expect(tried.length).toBeLessThanOrEqual(10);
    expect(testApp.smtp.connections.total - before).toBeLessThanOrEqual(12);
    back();
    await worker.pass(MINUTE_MS);
    expect((await listDeliveries(testApp)).map(({ state }) => state)).toEqual(Array(30).fill('accepted'));
    expect(await listCircuits(testApp.context.db)).toEqual([]);
    expect(worker.events.map(({ event }) => event)).toContain('circuit.recovered');
  });

  test('sends at once, single mails too, when an operator resumes it', async () => {
    const worker = startWorker(testApp.smtp.url);
    await sendToThirty();
    await signUp();
    away();
    await worker.pass(2 * MINUTE_MS);
    back();
    const [circuit] = await listCircuits(testApp.context.db);
    expect(await resumeTransport(testApp.context, circuit?.id ?? '')).toBeDefined();
    await worker.pass(1);
    expect(await noticeStates()).toEqual(['accepted']);
    expect((await listDeliveries(testApp)).every(({ state }) => state === 'accepted')).toBe(true);
  });

  test('does not keep a mail waiting for hours whose reader’s server then asks for time once', async () => {
    const worker = startWorker(testApp.smtp.url);
    await signUp();
    away();
    await worker.pass(10 * MINUTE_MS);
    let greylists = true;
    testApp.smtp.setScript((stage) => {
      if (stage !== 'rcpt' || !greylists) return undefined;
      greylists = false;
      return '451 4.7.1 Greylisted';
    });
    await worker.pass(45 * SECOND_MS);
    expect(await noticeStates()).toEqual(['deferred']);
    back();
    await worker.pass(2 * MINUTE_MS);
    expect(await noticeStates()).toEqual(['accepted']);
  });

  test('for a few seconds, as in a restart, alerts nobody', async () => {
    await createOperator(testApp.context, {
      email: 'owner@lantern.example',
      name: null,
      grant: 'administrator',
    });
    const worker = startWorker(testApp.smtp.url);
    await signUp();
    away();
    await worker.pass(1);
    expect(await listCircuits(testApp.context.db)).toHaveLength(1);
    back();
    await worker.pass(MINUTE_MS);
    expect(await noticeStates()).toEqual(['accepted']);
    expect(await alerts()).toEqual([]);
  });

  test('is told at once where no mail is needed, and by mail when it is back, with the times of its outage', async () => {
    const { context, smtp } = testApp;
    const receiver = await startFeedServer();
    ends.push(() => receiver.close());
    receiver.setResponse('/alerts', { status: 204 });
    await createOperator(context, { email: 'owner@lantern.example', name: null, grant: 'administrator' });
    const worker = startWorker(smtp.url);
    worker.context.config = { ...context.config, alertUrl: `${receiver.origin}/alerts` };
    await signUp();
    away();
    await worker.pass(MINUTE_MS);
    const posts = receiver.requests.map(({ body }) => JSON.parse(body) as { data: object });
    expect(posts).toMatchObject([
      { data: { kind: 'open-circuit', title: 'A mail server cannot be reached' } },
    ]);
    expect(smtp.messages).toEqual([]);
    await worker.pass(2 * HOUR_MS);
    back();
    await worker.pass(MINUTE_MS);
    const mails = (await readMails(testApp)).filter(({ to }) => to === 'owner@lantern.example');
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('did not let us in for a while'),
    ]);
    const text = mails[0]?.text.replaceAll(/\s+/g, ' ');
    const at = (moment: Date) => formatDateTime(moment, publication.timezone, 'en');
    const { openedAt, closedAt } = await context.db.one<{ openedAt: Date; closedAt: Date }>(
      sql`select opened_at, closed_at from circuits`,
    );
    expect(closedAt.getTime() - openedAt.getTime()).toBeGreaterThanOrEqual(2 * HOUR_MS);
    expect(text).toContain(`From ${at(openedAt)} to ${at(closedAt)} the mail server`);
    expect(text).not.toMatch(/does not let us in|cannot be reached|waits/);
    expect(receiver.requests).toHaveLength(1);
  });

  test('beside another server leaves all mail to that one', async () => {
    const other = await startPostfix();
    const worker = startWorker(`${testApp.smtp.url} smtp://127.0.0.1:${other.port}`);
    away();
    await sendToThirty();
    await worker.pass(MINUTE_MS);
    expect((await listDeliveries(testApp)).every(({ state }) => state === 'accepted')).toBe(true);
    await signUp();
    await worker.pass(15 * SECOND_MS);
    expect(await noticeStates()).toEqual(['accepted']);
    expect(other.count()).toBe(31);
  });
});
