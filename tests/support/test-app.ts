import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHandlers } from '../../workers/handlers.js';
import { openWorkerContext, type WorkerContext } from '../../src/deliveries/send/worker-context.js';
import { createApp, type DevelopmentPages } from '../../src/http/app.js';
import { loadAddressHasher } from '../../src/platform/crypto/address-hash.js';
import { createUncheckedClock } from '../../src/platform/clock/clock-check.js';
import { readConfig } from '../../src/platform/config.js';
import type { Context } from '../../src/platform/context.js';
import { createWebhookSigner } from '../../src/platform/crypto/webhook-signature.js';
import { createFetcher, type FetchPage } from '../../src/platform/fetch/fetch-page.js';
import type { Handlers, JobName } from '../../src/platform/jobs/definitions.js';
import { loadKeys, type Keys } from '../../src/platform/crypto/keys.js';
import { createLinks } from '../../src/platform/crypto/signed-links.js';
import { createLog } from '../../src/platform/log.js';
import { skipMailDomainCheck, type CheckMailDomain } from '../../src/platform/mail/mx-lookup.js';
import { createMailDns } from '../../src/platform/mail/dns/records.js';
import { createMailer } from '../../src/platform/mail/smtp/mailer.js';
import { createProofOfWork } from '../../src/platform/crypto/proof-of-work.js';
import { createTemplates } from '../../src/platform/templates/templates.js';
import { createPublication } from '../../src/publications/change-publication.js';
import type { NewPublication, Publication } from '../../src/publications/publication.js';
import { findPublication } from '../../src/publications/reads.js';
import { runDueJobs, trackHandlers } from './handler-runs.js';
import { createTestDatabase } from './test-database.js';
import { startSmtpServer, type SmtpTestServer } from './smtp-server.js';

/** The whole application in one process, with a real Postgres, SMTP and HTTP, and a clock that stands until it is moved. */
export type TestApp = {
  context: Context;
  /** The app behind `url`. */
  app: ReturnType<typeof createApp>;
  keys: Keys;
  smtp: SmtpTestServer;
  handlers: Handlers;
  /** For sending as a second worker. */
  workerContext: WorkerContext;
  /** Where readers find it, without a trailing slash: PUBLIC_URL. */
  url: string;
  /** Where the web process listens. */
  port: number;
  /** For processes beside this one. */
  databaseUrl: string;
  /** Moves the clock on, in milliseconds. */
  advanceClock(milliseconds: number): void;
  /** Runs the jobs that are due, and those they enqueue, until none is left. Answers their names in order. */
  runDueJobs(): Promise<JobName[]>;
  createPublication(settings?: Partial<NewPublication>, state?: { isLive: boolean }): Promise<Publication>;
  close(): Promise<void>;
};

const templatesDir = fileURLToPath(new URL('../../templates', import.meta.url));
export const templates = createTemplates({ dir: templatesDir });

export async function openTestApp(
  options: {
    uncertain?: 'resend' | 'hold';
    /** The mail server's log, which decides what is uncertain. */
    mailLog?: string;
    now?: Date;
    /** The clock goes as the machine's does. */
    isClockRunning?: boolean;
    /** The path of PUBLIC_URL, like `/news`; `url` has it. */
    basePath?: string;
    /** The host of `url`; 127.0.0.1 when absent. Passkeys need a name. */
    hostname?: string;
    /** Where a proxy answers for it; `url` has its port, and `port` is the application's own. */
    proxyPort?: number;
    /** Puts a mail server between the application and `smtp`; resolves to its address, smtp://…, without parameters. */
    mailServer?: (smtp: SmtpTestServer) => Promise<string>;
    /** More parameters of SMTP_URL. */
    smtpParameters?: Record<string, string>;
    /** Settings beside the secret key and the data folder, as in the environment. */
    settings?: Record<string, string>;
    /** Whether domains take mail; without it no name server is asked. */
    mailDomain?: CheckMailDomain;
    /** The name server that records of senders are asked of, with its port. */
    dnsServer?: string;
    /** How the web is reached; without it only this machine is. */
    fetchPage?: FetchPage;
    /** The demo and the inbox, for an application that shows them. */
    development?: (context: Context) => DevelopmentPages;
  } = {},
): Promise<TestApp> {
  const database = await createTestDatabase();
  const smtp = await startSmtpServer();
  const smtpUrl = (await options.mailServer?.(smtp)) ?? smtp.url;
  let time = (options.now ?? new Date('2026-11-22T09:00:00Z')).getTime();
  const now = options.isClockRunning === true ? () => new Date() : () => new Date(time);
  const config = readConfig({
    SECRET_KEY: randomBytes(32).toString('hex'),
    DATA_DIR: join(tmpdir(), `paperround-test-${randomBytes(6).toString('hex')}`),
    LOG_LEVEL: 'silent',
    ...options.settings,
  });
  const keys = loadKeys(config);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { basePath = '' } = options;
  const { port } = server.address() as AddressInfo;
  const url = `http://${options.hostname ?? '127.0.0.1'}:${options.proxyPort ?? port}${basePath}`;
  const stopping = new AbortController();
  const context: Context = {
    config,
    actor: { kind: 'system' },
    publicUrl: url,
    stopping: stopping.signal,
    db: database.db,
    log: createLog('silent'),
    links: createLinks(keys),
    hashAddress: await loadAddressHasher(database.db, keys),
    templates: basePath === '' ? templates : createTemplates({ dir: templatesDir, basePath }),
    mailer: createMailer({
      smtpUrl: `${smtpUrl}?${new URLSearchParams({ ...uncertainPolicyParams(options), ...options.smtpParameters }).toString()}`,
      connections: 4,
    }),
    checkMailDomain: options.mailDomain ?? skipMailDomainCheck,
    // Where no name server is named, nobody answers.
    dns: createMailDns([options.dnsServer ?? '127.0.0.1:9']),
    proofOfWork: createProofOfWork(keys),
    fetchPage: options.fetchPage ?? createFetcher({ allow: config.fetchAllow, userAgent: 'Paperround test' }),
    alertSigner: createWebhookSigner(keys, 'alert-webhook'),
    now,
    clock: createUncheckedClock(now),
  };
  const development = options.development?.(context);
  const app = createApp(context, keys, {
    findQueueFault: async () => undefined,
    ...(development === undefined ? {} : { development }),
  });
  server.on('request', app);
  const { handlers, settled } = trackHandlers(createHandlers(context));
  return {
    context,
    app,
    keys,
    smtp,
    handlers,
    workerContext: openWorkerContext(context),
    url,
    port,
    databaseUrl: database.url,
    advanceClock: (milliseconds) => void (time += milliseconds),
    runDueJobs: () => runDueJobs(context, handlers),
    createPublication: (settings, state) => createTestPublication(context, settings, state),
    close: async () => {
      stopping.abort();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      smtp.setScript(() => undefined);
      smtp.dropConnections();
      await settled();
      await context.mailer.close();
      await smtp.close();
      await database.close();
      await rm(config.dataDir, { recursive: true, force: true });
    },
  };
}

function uncertainPolicyParams({
  uncertain = 'resend',
  mailLog,
}: {
  uncertain?: 'resend' | 'hold';
  mailLog?: string;
}) {
  return mailLog === undefined ? { uncertain } : { uncertain: 'reconcile', mailLog };
}

async function createTestPublication(
  context: Context,
  settings: Partial<NewPublication> = {},
  state?: { isLive: boolean },
): Promise<Publication> {
  const given = {
    slug: 'lantern',
    name: 'The Lantern',
    siteUrl: 'https://lantern.example/',
    fromAddress: 'news@lantern.example',
    noticeAddress: 'confirm@lantern.example',
    postalAddress: '1 Quay Street, Marrowby',
    contact: 'help@lantern.example',
    timezone: 'Africa/Nairobi',
    defaultCadence: 'instant',
    holdMinutes: 0,
    ...settings,
  } as const;
  const created = await createPublication(context, given, state);
  if (created.kind === 'slug-taken') throw new Error('The slug is taken');
  const publication = await findPublication(context.db, created.id);
  if (publication === undefined) throw new Error('The publication is gone');
  return publication;
}
