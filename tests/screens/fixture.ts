import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemo } from '../../src/cli/start/demo.js';
import { createApp } from '../../src/http/app.js';
import { sql } from '../../src/platform/db/sql.js';
import { developmentPages, fillInbox } from '../support/development-pages.js';
import { startDnsServer, type DnsServer } from '../support/dns-server.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { sendBusyDigest } from './states/busy-digest.js';
import { attackMails } from './states/attack.js';
import { alertMails, stopDigests } from './states/digests.js';
import { fillArticles } from './states/held-articles.js';
import { seedAccounts, type AccountPaths } from './states/accounts.js';
import { selfServiceMails } from './states/self-service.js';
import { spreadReaders } from './states/reader-history.js';
import { LANTERN, seedWeek, STORY_MS, type Paths } from './states/week.js';
import type { Mail } from './states/readers.js';

/** An application with every state, and an empty one. */
export type Fixture = {
  testApp: TestApp;
  newHouse: TestApp;
  /** The same without the demo and the inbox, as in production. */
  plainUrl: string;
  /** The same under a host name, without which browsers have no passkeys. */
  namedUrl: string;
  /** The paths of pages of accounts. */
  accounts: AccountPaths;
  /** The path of each state in `testApp`. */
  paths: Paths;
  mails: Mail[];
  close(): Promise<void>;
};

/**
 * Simulates a week of the demo newspaper, from which every page and mail of the manifest comes.
 * @param basePath the path of PUBLIC_URL
 */
export async function openFixture({ basePath = '' } = {}): Promise<Fixture> {
  const dir = await mkdtemp(join(tmpdir(), 'paperround-screens-'));
  const [lived, empty] = [join(dir, 'lived'), join(dir, 'new')];
  const now = new Date(Date.now() - STORY_MS);
  const dns = await openNameServer();
  const testApp = await openTestApp({
    now,
    dnsServer: dns.address,
    basePath,
    mailDomain: async (domain) => (domain === 'nowhere-mail.org' ? 'none' : 'unknown'),
    development: (context) => developmentPages(context, lived),
  });
  const newHouse = await openTestApp({
    basePath,
    development: (context) => developmentPages(context, empty),
  });
  const plain = await openPlain(testApp);
  const named = await openPlain(testApp, 'localhost');
  await prepareDemo(testApp.context);
  await testApp.createPublication(
    { slug: 'market-letter', name: 'The Market Letter', siteUrl: `${testApp.url}/demo`, postalAddress: null },
    { isLive: false },
  );
  await testApp.runDueJobs();
  const { paths, mails } = await seedWeek(testApp);
  const inboxMail = await fillInbox(lived, mails);
  const closeFeed = await fillArticles(testApp);
  await stopDigests(testApp);
  mails.push(...(await alertMails(testApp)));
  mails.push(...(await attackMails(testApp)));
  mails.push(...(await selfServiceMails(testApp)));
  const finishDigest = await sendBusyDigest(testApp);
  await spreadReaders(testApp, LANTERN);
  const accounts = await seedAccounts(testApp);
  await showWorker(testApp);
  const close = async () => {
    await finishDigest();
    await closeFeed();
    await plain.close();
    await named.close();
    await testApp.close();
    await newHouse.close();
    await dns.close();
    await rm(dir, { recursive: true, force: true });
  };
  return {
    testApp,
    newHouse,
    plainUrl: plain.url,
    namedUrl: named.url,
    paths: { ...paths, inboxMail },
    accounts,
    mails,
    close,
  };
}

/** As a worker that runs does, so that pages do not miss one. */
async function showWorker({ context: { db, now } }: TestApp): Promise<void> {
  await db.run(sql`
    insert into schedules (name, next_at)
    values ('sweep', ${new Date(now().getTime() + 10_000)})
    on conflict (name) do update
       set next_at = excluded.next_at
  `);
}

/** The records of the demo's sender: not all of them as they should be. */
async function openNameServer(): Promise<DnsServer> {
  const dns = await startDnsServer();
  dns.hosts.set('lantern.example', { MX: [{ preference: 10, exchange: 'mx.lantern.example' }] });
  dns.records.set('lantern.example', [['v=spf1 mx include:_spf.mail-house.example -all']]);
  dns.records.set('_spf.mail-house.example', [['v=spf1 ip4:198.51.100.0/24 -all']]);
  return dns;
}

/** @param hostname of its own PUBLIC_URL; absent: it is that of `testApp` */
async function openPlain(
  { context, keys, url }: TestApp,
  hostname?: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const own = new URL(url);
  own.port = `${(server.address() as AddressInfo).port}`;
  if (hostname !== undefined) own.hostname = hostname;
  const ownUrl = own.href.replace(/\/$/, '');
  const ownContext = hostname === undefined ? context : { ...context, publicUrl: ownUrl };
  server.on('request', createApp(ownContext, keys, { findQueueFault: async () => undefined }));
  return { url: ownUrl, close };
}
