import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoFormOptions, demoPublication, pollDemo, prepareDemo } from '../../src/cli/start/demo.js';
import { createApp, type DevelopmentPages } from '../../src/http/app.js';
import { demoRoutes } from '../../src/http/development/demo/routes.js';
import { demoSite } from '../../src/http/development/demo/site.js';
import { inboxRoutes } from '../../src/http/development/inbox-routes.js';
import type { Context } from '../../src/platform/context.js';
import { listInbox, startInbox } from '../../src/platform/embedded/inbox.js';
import { toWireContent } from '../../src/platform/mail/message.js';
import { createMailer } from '../../src/platform/mail/smtp/mailer.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { sendBusyDigest } from './states/busy-digest.js';
import { attackMails } from './states/attack.js';
import { alertMails, stopDigests } from './states/digests.js';
import { fillArticles } from './states/held-articles.js';
import { selfServiceMails } from './states/self-service.js';
import { seedWeek, STORY_MS, type Paths } from './states/week.js';
import type { Mail } from './states/readers.js';

/** An application with every state, and an empty one. */
export type Fixture = {
  testApp: TestApp;
  newHouse: TestApp;
  /** The same without the demo and the inbox, as in production. */
  plainUrl: string;
  /** The path of each state in `testApp`. */
  paths: Paths;
  mails: Mail[];
  close(): Promise<void>;
};

/** Simulates a week of the demo newspaper, from which every page and mail of the manifest comes. */
export async function openFixture(): Promise<Fixture> {
  const dir = await mkdtemp(join(tmpdir(), 'paperround-screens-'));
  const [lived, empty] = [join(dir, 'lived'), join(dir, 'new')];
  const now = new Date(Date.now() - STORY_MS);
  const testApp = await openTestApp({
    now,
    mailDomain: async (domain) => (domain === 'nowhere-mail.org' ? 'none' : 'unknown'),
    development: (context) => developmentPages(context, lived),
  });
  const newHouse = await openTestApp({ development: (context) => developmentPages(context, empty) });
  const plain = await openPlain(testApp);
  await prepareDemo(testApp.context);
  await testApp.runDueJobs();
  const { paths, mails } = await seedWeek(testApp);
  const inboxMail = await fillInbox(inboxOf(lived), mails);
  const closeFeed = await fillArticles(testApp);
  await stopDigests(testApp);
  mails.push(...(await alertMails(testApp)));
  mails.push(...(await attackMails(testApp)));
  mails.push(...(await selfServiceMails(testApp)));
  const finishDigest = await sendBusyDigest(testApp);
  const close = async () => {
    await finishDigest();
    await closeFeed();
    await plain.close();
    await testApp.close();
    await newHouse.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { testApp, newHouse, plainUrl: plain.url, paths: { ...paths, inboxMail }, mails, close };
}

async function openPlain({ context, keys }: TestApp): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(createApp(context, keys, { findQueueFault: async () => undefined }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function developmentPages(context: Context, dataDir: string): DevelopmentPages {
  const { templates, now } = context;
  return {
    inbox: inboxRoutes({ templates, inboxDir: inboxOf(dataDir) }),
    demo: demoRoutes({
      templates,
      site: demoSite(dataDir, now),
      publication: () => demoPublication(context),
      offer: () => demoFormOptions(context),
      onPublish: () => pollDemo(context),
    }),
  };
}

const inboxOf = (dataDir: string) => join(dataDir, 'inbox');

/** Hands mails to the development inbox, by SMTP, as they were sent. Answers the path of the last. */
async function fillInbox(dir: string, mails: readonly Mail[]): Promise<string> {
  const inbox = await startInbox({ dir });
  const mailer = createMailer({ smtpUrl: inbox.smtpUrl, connections: 1 });
  const [server] = mailer.transports;
  for (const { from, to, raw } of mails) {
    const message = { envelope: { from, to }, content: toWireContent(raw) };
    await server.send({ message: () => message, beforeFinalDot: () => true });
  }
  await mailer.close();
  await inbox.stop();
  const [newest] = await listInbox(dir, 1);
  if (newest === undefined) throw new Error('No mail reached the inbox');
  return `/inbox/${newest.id}`;
}
