import type { Actor } from './actor.js';
import type { AddressHasher } from './crypto/address-hash.js';
import type { Config } from './config.js';
import type { ClockCheck } from './clock/clock-check.js';
import type { Db } from './db/database.js';
import type { FetchPage } from './fetch/fetch-page.js';
import type { Links } from './crypto/signed-links.js';
import type { Log } from './log.js';
import type { MailDns } from './mail/dns/records.js';
import type { CheckMailDomain } from './mail/mx-lookup.js';
import type { Mailer } from './mail/smtp/mailer.js';
import type { ProofOfWork } from './crypto/proof-of-work.js';
import type { WebhookSigner } from './crypto/webhook-signature.js';
import type { Templates } from './templates/templates.js';

/** Everything an operation may need from outside. Ask for the part you use: `Pick<Context, 'db' | 'now'>`. */
export type Context = {
  config: Config;
  /** Who changes something through this context. */
  actor: Actor;
  /** The URL of our pages, as readers see it, without a trailing slash. */
  publicUrl: string;
  /** Aborted when the process is to stop: start no new work, finish the mails and requests under way. */
  stopping: AbortSignal;
  db: Db;
  log: Log;
  links: Links;
  hashAddress: AddressHasher;
  templates: Templates;
  mailer: Mailer;
  checkMailDomain: CheckMailDomain;
  /** For looking at the records of our own senders, when an operator asks. */
  dns: MailDns;
  proofOfWork: ProofOfWork;
  fetchPage: FetchPage;
  /** Signs what is POSTed to ALERT_URL. */
  alertSigner: WebhookSigner;
  /** The only source of the current time; tests set it. */
  now: () => Date;
  /** While it is not trusted nothing is planned, expired or purged. */
  clock: Pick<ClockCheck, 'isTrusted' | 'commonNow'>;
};
