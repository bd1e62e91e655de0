import type { AddressHasher } from './address-hash.js';
import type { Config } from './config.js';
import type { Db } from './db/database.js';
import type { FetchPage } from './fetch.js';
import type { Links } from './links.js';
import type { Log } from './log.js';
import type { AskMailDomain } from './mail-domain.js';
import type { Mailer } from './mail/transport.js';
import type { Proofs } from './proof-of-work.js';
import type { Templates } from './templates.js';

/** Everything an operation may need from outside. Ask for the part you use: `Pick<Context, 'db' | 'now'>`. */
export type Context = {
  config: Config;
  /** The address readers see, without a trailing slash. */
  publicUrl: string;
  /** Aborted when the process has been asked to stop: take no new work, finish what is on the wire. */
  stopping: AbortSignal;
  db: Db;
  log: Log;
  links: Links;
  hashAddress: AddressHasher;
  templates: Templates;
  mailer: Mailer;
  mailDomain: AskMailDomain;
  proofs: Proofs;
  fetchPage: FetchPage;
  /** The only clock: tests hold it still. */
  now: () => Date;
};
