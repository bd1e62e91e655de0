import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHandlers } from '../../workers/handlers.js';
import { openSending, type Sending } from '../../src/deliveries/sending.js';
import { createApp, type DevelopmentPages } from '../../src/http/app.js';
import { loadAddressHasher } from '../../src/platform/address-hash.js';
import { readConfig } from '../../src/platform/config.js';
import type { Context } from '../../src/platform/context.js';
import { createFetcher } from '../../src/platform/fetch.js';
import { checkJob, type CheckedJob, type Handlers, type JobName } from '../../src/platform/jobs/contract.js';
import { finish, offerDue, readPromise } from '../../src/platform/jobs/outbox.js';
import { loadKeys, type Keys } from '../../src/platform/keys.js';
import { createLinks } from '../../src/platform/links.js';
import { createLog } from '../../src/platform/log.js';
import { askNobody, type AskMailDomain } from '../../src/platform/mail-domain.js';
import { createMailer } from '../../src/platform/mail/transport.js';
import { createProofs } from '../../src/platform/proof-of-work.js';
import { createTemplates } from '../../src/platform/templates.js';
import { createPublication } from '../../src/publications/create.js';
import type { NewPublication, Publication } from '../../src/publications/publication.js';
import { findPublication } from '../../src/publications/reads.js';
import { testDatabase } from './database.js';
import { startSmtpServer, type SmtpTestServer } from './smtp-server.js';

/** The whole house in one process: real Postgres, real SMTP, real HTTP, and a clock that stands until it is moved. */
export type House = {
  context: Context;
  /** The app behind `url`. */
  app: ReturnType<typeof createApp>;
  keys: Keys;
  smtp: SmtpTestServer;
  handlers: Handlers;
  /** As a worker of its own would send. */
  sending: Sending;
  /** Where the web process answers, without a trailing slash. */
  url: string;
  /** Moves the clock on, in milliseconds. */
  pass(milliseconds: number): void;
  /** Keeps every promise that is due, and those they make, until none is left. Answers the names in order. */
  work(): Promise<JobName[]>;
  publish(settings?: Partial<NewPublication>): Promise<Publication>;
  close(): Promise<void>;
};

const templatesDir = fileURLToPath(new URL('../../templates', import.meta.url));
const templates = createTemplates({ dir: templatesDir });

export async function openHouse(
  options: {
    uncertain?: 'resend' | 'hold';
    /** The mail server's log, which decides what is uncertain. */
    mailLog?: string;
    now?: Date;
    /** Settings beside the secret key and the data folder, as in the environment. */
    settings?: Record<string, string>;
    /** Whether domains take mail. Nobody is asked unless a name server on loopback is. */
    mailDomain?: AskMailDomain;
    /** The demo and the inbox, for a house that shows them. */
    development?: (context: Context) => DevelopmentPages;
  } = {},
): Promise<House> {
  const database = await testDatabase();
  const smtp = await startSmtpServer();
  let time = (options.now ?? new Date('2026-11-22T09:00:00Z')).getTime();
  const now = () => new Date(time);
  const config = readConfig({
    SECRET_KEY: randomBytes(32).toString('hex'),
    DATA_DIR: join(tmpdir(), `paperround-house-${randomBytes(6).toString('hex')}`),
    LOG_LEVEL: 'silent',
    ...options.settings,
  });
  const keys = loadKeys(config);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stopping = new AbortController();
  const context: Context = {
    config,
    publicUrl: url,
    stopping: stopping.signal,
    db: database.db,
    log: createLog('silent'),
    links: createLinks(keys),
    hashAddress: await loadAddressHasher(database.db, keys),
    templates,
    mailer: createMailer({
      smtpUrl: `${smtp.url}?${new URLSearchParams(policyOf(options)).toString()}`,
      connections: 4,
    }),
    mailDomain: options.mailDomain ?? askNobody,
    proofs: createProofs(keys),
    fetchPage: createFetcher({ allow: config.fetchAllow, userAgent: 'Paperround test' }),
    now,
  };
  const development = options.development?.(context);
  const app = createApp(context, keys, {
    queuePing: async () => true,
    ...(development === undefined ? {} : { development }),
  });
  server.on('request', app);
  const { handlers, settled } = tracked(createHandlers(context));
  return {
    context,
    app,
    keys,
    smtp,
    handlers,
    sending: openSending(context),
    url,
    pass: (milliseconds) => void (time += milliseconds),
    work: () => work(context, handlers),
    publish: (settings) => publish(context, settings),
    close: async () => {
      stopping.abort();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      smtp.answer(() => undefined);
      smtp.hangUp();
      await settled();
      await context.mailer.close();
      await smtp.close();
      await database.close();
      await rm(config.dataDir, { recursive: true, force: true });
    },
  };
}

/** The same handlers, and a way to wait for what they still do: nothing of a house lives on when it has closed. */
function tracked(handlers: Handlers): { handlers: Handlers; settled(): Promise<void> } {
  const running = new Set<Promise<void>>();
  const track = (handler: (payload: never) => Promise<void>) => (payload: never) => {
    const run = handler(payload);
    running.add(run);
    const forget = () => void running.delete(run);
    run.then(forget, forget);
    return run;
  };
  const wrapped = Object.entries(handlers).map(([name, handler]) => [name, track(handler)]);
  return {
    handlers: Object.fromEntries(wrapped) as Handlers,
    settled: async () => void (await Promise.allSettled(running)),
  };
}

function policyOf({ uncertain = 'resend', mailLog }: { uncertain?: 'resend' | 'hold'; mailLog?: string }) {
  return mailLog === undefined ? { uncertain } : { uncertain: 'reconcile', mailLog };
}

async function work(context: Context, handlers: Handlers): Promise<JobName[]> {
  const { db, now } = context;
  const done: JobName[] = [];
  for (;;) {
    const offers = await offerDue(db, now(), 100);
    if (offers.length === 0) return done;
    for (const { outboxId } of offers) {
      const promised = await readPromise(db, outboxId);
      const job = promised && checkJob(promised.name, promised.payload);
      if (job === undefined) throw new Error(`A promise that nobody can keep: ${promised?.name ?? outboxId}`);
      await keep(handlers, job);
      await finish(db, outboxId);
      done.push(job.name);
    }
  }
}

function keep<Name extends JobName>(handlers: Handlers, job: CheckedJob<Name>): Promise<void> {
  return handlers[job.name](job.payload);
}

async function publish(context: Context, settings: Partial<NewPublication> = {}): Promise<Publication> {
  const created = await createPublication(context, {
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
  });
  if (created.kind === 'slug-taken') throw new Error('The slug is taken');
  const publication = await findPublication(context.db, created.id);
  if (publication === undefined) throw new Error('The publication is gone');
  return publication;
}
