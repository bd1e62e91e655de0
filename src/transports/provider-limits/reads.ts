import { NO_OWNER, readCountsBetween } from '../../platform/counts/counts.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { DAY_MS } from '../../platform/durations.js';
import { mailboxProviders, type MailboxProvider } from '../../platform/mail/mailbox-provider.js';
import type { ProviderRates, ProviderState } from './rates.js';

/** The kept numbers: of each provider what became of its mail, by quarters of an hour. */
export const PROVIDER_MAIL = 'provider-mail';

export const RATES_WINDOW_MS = 7 * DAY_MS;

/** Of every provider, also where nothing was sent to it. */
export async function readProviderRates(db: Db | Tx, now: Date): Promise<ProviderRates[]> {
  // Beyond now for what a clock that is a little ahead has counted.
  const bounds = [new Date(now.getTime() - RATES_WINDOW_MS), new Date(now.getTime() + DAY_MS)];
  const counts = await readCountsBetween(db, { name: PROVIDER_MAIL, ownerId: NO_OWNER }, bounds);
  const countOf = (provider: string, what: string) =>
    counts.find(({ key }) => key[0] === provider && key[1] === what)?.count ?? 0;
  return mailboxProviders.map((provider) => ({
    provider,
    accepted: countOf(provider, 'accepted'),
    bounced: countOf(provider, 'bounced'),
    complained: countOf(provider, 'complained'),
  }));
}

/** A provider that gets mail slowly or none, by the rates that were found. */
export type ProviderLimit = {
  provider: MailboxProvider;
  state: Exclude<ProviderState, 'well'>;
  accepted: number;
  bounced: number;
  complained: number;
  since: Date;
  /** An operator lets its mail go until then. */
  liftedUntil: Date | null;
};

export function listProviderLimits(db: Db | Tx): Promise<ProviderLimit[]> {
  return db.many<ProviderLimit>(sql`
    select provider, state, accepted, bounced, complained, since, lifted_until
      from provider_limits
     order by since, provider
  `);
}

export function isInForce({ liftedUntil }: Pick<ProviderLimit, 'liftedUntil'>, now: Date): boolean {
  return liftedUntil === null || liftedUntil <= now;
}
