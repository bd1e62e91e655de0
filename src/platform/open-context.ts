import { join } from 'node:path';
import type { Actor } from './actor.js';
import { basePathOf } from './base-path.js';
import { loadAddressHasher } from './crypto/address-hash.js';
import type { Config } from './config.js';
import type { Context } from './context.js';
import { createClockCheck, type ClockCheck } from './clock/clock-check.js';
import { connectDatabase } from './db/database.js';
import { userAgent } from './fetch/user-agent.js';
import { createFetcher } from './fetch/fetch-page.js';
import { loadKeys, type Keys } from './crypto/keys.js';
import { createLinks } from './crypto/signed-links.js';
import type { Log } from './log.js';
import { skipMailDomainCheck, createMailDomainCheck } from './mail/mx-lookup.js';
import { createMailDns } from './mail/dns/records.js';
import { createMailer } from './mail/smtp/mailer.js';
import { findPackageFolder } from './process/program-folder.js';
import { createProofOfWork } from './crypto/proof-of-work.js';
import { createTemplates, type Templates } from './templates/templates.js';
import { createWebhookSigner } from './crypto/webhook-signature.js';
import { rewrapSecrets } from './crypto/wrapped-keys.js';

/**
 * What a context needs that is not in the settings, or not always: servers that may have been started for us, and our
 * URL.
 */
export type ContextOptions = {
  databaseUrl: string;
  smtpUrl: string;
  publicUrl: string;
  log: Log;
  stopping: AbortSignal;
  actor: Actor;
};

export type OpenContext = { context: Context & { clock: ClockCheck }; keys: Keys; close(): Promise<void> };

/** Templates are not copied to dist/: they are read from where they lie, also by the compiled code. */
const templatesDir = join(findPackageFolder(), 'templates');

/** Opens a context. `close` closes everything that was opened, the database last. */
export async function openContext(config: Config, options: ContextOptions): Promise<OpenContext> {
  const { log, publicUrl, stopping, actor } = options;
  const keys = loadKeys(config);
  const db = connectDatabase(options.databaseUrl, (error) =>
    log.warn({ event: 'database.idle-error', err: error }),
  );
  await rewrapSecrets(db, keys);
  const mailer = createMailer({
    smtpUrl: options.smtpUrl,
    connections: config.workerConnections,
    onProtocolWarning: (event, transport) => log.warn({ event, transport }),
  });
  const now = () => new Date();
  const context = {
    config,
    actor,
    publicUrl,
    stopping,
    db,
    log,
    links: createLinks(keys),
    hashAddress: await loadAddressHasher(db, keys),
    templates: openTemplates(config, log, basePathOf(publicUrl)),
    mailer,
    checkMailDomain:
      config.smtpUrl === undefined
        ? skipMailDomainCheck
        : createMailDomainCheck({ now, stopping, production: config.production }),
    dns: createMailDns(),
    proofOfWork: createProofOfWork(keys),
    fetchPage: createFetcher({ allow: config.fetchAllow, userAgent: userAgent(publicUrl) }),
    alertSigner: createWebhookSigner(keys, 'alert-webhook'),
    now,
    clock: createClockCheck({ db, log, now }),
  };
  const close = async () => {
    await mailer.close();
    await db.close();
  };
  return { context, keys, close };
}

/** Reads the built-in templates, and publishers' custom ones from the data directory. */
function openTemplates({ dataDir }: Config, log: Log, basePath: string): Templates {
  const onFailure = (publication: string, mail: string, err: unknown) =>
    log.warn({ event: 'templates.custom-failed', publication, mail, err });
  return createTemplates({
    dir: templatesDir,
    basePath,
    custom: { dir: join(dataDir, 'templates'), onFailure },
  });
}
