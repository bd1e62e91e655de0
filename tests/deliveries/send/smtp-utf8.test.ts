import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendBatch } from '../../../src/deliveries/send/send-batch.js';
import { openWorkerContext, type WorkerContext } from '../../../src/deliveries/send/worker-context.js';
import { sql } from '../../../src/platform/db/sql.js';
import { createMailer } from '../../../src/platform/mail/smtp/mailer.js';
import { listDeliveries } from '../../support/deliveries.js';
import { addArticles, addReaders, readerAddresses } from '../../support/fixtures.js';
import { startSmtpServer, type SmtpTestServer } from '../../support/smtp-server.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

/** Its mail server does not offer SMTPUTF8. */
let testApp: TestApp;
let able: SmtpTestServer;
beforeEach(async () => {
  testApp = await openTestApp();
  able = await startSmtpServer({ extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8'] });
});
afterEach(async () => {
  await testApp.close();
  await able.close();
});

const beyondAscii = ['jürgen@example.com', 'zoë@example.com'];

/** A worker whose SMTP_URL names these servers, until its work is done. By its weight it is the first one's turn. */
async function withWorker(
  servers: readonly SmtpTestServer[],
  work: (worker: WorkerContext) => Promise<void>,
): Promise<void> {
  const smtpUrl = servers.map(({ url }, at) => `${url}?weight=${at === 0 ? 1000 : 1}`).join(' ');
  const mailer = createMailer({ smtpUrl, connections: 2 });
  try {
    await work(openWorkerContext({ ...testApp.context, mailer }));
  } finally {
    await mailer.close();
  }
}

async function sendDigest(worker: WorkerContext): Promise<void> {
  const publication = await testApp.createPublication();
  await addReaders(testApp, publication, [...readerAddresses(5), ...beyondAscii]);
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  const [batch] = await worker.db.many<{ digestId: string; number: number }>(
    sql`select digest_id, number from batches`,
  );
  if (batch === undefined) throw new Error('Nothing was planned.');
  await sendBatch(worker, batch);
}

const recipients = ({ messages }: SmtpTestServer) => messages.map(({ to }) => to).toSorted();
const suppressed = () => testApp.context.db.many(sql`select from suppressions`);

test('addresses beyond ASCII before the @ go through the server that takes them, the others through whose turn it is', async () => {
  await withWorker([testApp.smtp, able], sendDigest);
  expect(recipients(testApp.smtp)).toEqual(readerAddresses(5));
  expect(recipients(able)).toEqual(beyondAscii);
  expect((await listDeliveries(testApp)).map(({ state }) => state)).toEqual(Array(7).fill('accepted'));
});

test('where that server’s turn it is, it takes all', async () => {
  await withWorker([able, testApp.smtp], async (worker) => {
    await Promise.all(worker.mailer.transports.map(({ findFault }) => findFault()));
    await sendDigest(worker);
  });
  expect(recipients(able)).toEqual([...beyondAscii, ...readerAddresses(5)].toSorted());
});

test('where no server takes them, they are refused, and the readers do not count as bounced', async () => {
  const other = await startSmtpServer();
  await withWorker([testApp.smtp, other], sendDigest);
  const rejected = (await listDeliveries(testApp)).filter(({ state }) => state !== 'accepted');
  expect(rejected).toMatchObject(
    beyondAscii.map((email) => ({ email, state: 'rejected', answer: expect.stringContaining('SMTPUTF8') })),
  );
  expect(await suppressed()).toEqual([]);
  await other.close();
});

test('while the one that may take them does not answer, they wait, and the others do not', async () => {
  await able.close();
  await withWorker([testApp.smtp, able], sendDigest);
  const states = (await listDeliveries(testApp)).map(({ email, state }) => [email, state]);
  expect(states.filter(([, state]) => state === 'queued').map(([email]) => email)).toEqual(beyondAscii);
  expect(recipients(testApp.smtp)).toEqual(readerAddresses(5));
  able = await startSmtpServer();
});

test('a notice to such an address has a server that takes it, too', async () => {
  await withWorker([testApp.smtp, able], async ({ router }) => {
    const servers = await router.listServers();
    const routes = [1, 2, 3].map(() => router.routeForNotice('zoë@example.com'));
    for (const choice of await Promise.all(routes))
      expect(choice).toMatchObject({ kind: 'route', route: { transportId: servers[1]?.id } });
  });
});
