import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { addToTimedCounts } from '../../platform/counts/counts.js';
import { deleteCountsBefore } from '../../platform/counts/delete-old-counts.js';
import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { mailboxProviderOf, type MailboxProvider } from '../../platform/mail/mailbox-provider.js';
import { judgeRates } from './rates.js';
import { PROVIDER_MAIL, RATES_WINDOW_MS, readProviderRates } from './reads.js';
import { deleteProviderLimit, updateLiftedUntil, upsertProviderLimit } from './writes.js';

export type ProviderEvent = { domain: string; what: 'accepted' | 'bounced' | 'complained' };

/** Counts what became of mails, in the transaction that records it. Domains of no provider are not counted. */
export async function countProviderMail(tx: Tx, events: readonly ProviderEvent[], now: Date): Promise<void> {
  const counts = new Map<string, { key: [string, string]; count: number }>();
  for (const { domain, what } of events) {
    const provider = mailboxProviderOf(domain.toLowerCase());
    if (provider === undefined) continue;
    const id = `${provider} ${what}`;
    const known = counts.get(id);
    if (known === undefined) counts.set(id, { key: [provider, what], count: 1 });
    else known.count += 1;
  }
  await addToTimedCounts(tx, PROVIDER_MAIL, [...counts.values()], now);
}

/** Decides of each provider, by the rates of seven days, whether it gets mail as usual, slowly, or none for now. */
export async function judgeProviders({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  await db.transaction(async (tx) => {
    await deleteCountsBefore(tx, PROVIDER_MAIL, new Date(now().getTime() - RATES_WINDOW_MS - DAY_MS));
    for (const rates of await readProviderRates(tx, now())) {
      const state = judgeRates(rates);
      if (state === 'well') await deleteProviderLimit(tx, rates.provider);
      else await upsertProviderLimit(tx, rates, state, now());
    }
  });
}

/** An operator lets mail to a provider go for a day. False: nothing is kept back there. */
export async function liftProviderLimit(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  provider: MailboxProvider,
): Promise<boolean> {
  const until = new Date(context.now().getTime() + DAY_MS);
  return context.db.transaction(async (tx) => {
    if ((await updateLiftedUntil(tx, provider, until)) === 0) return false;
    const before = { transport: 'every server', domain: provider, kind: 'throttled' as const };
    const change = { kind: 'circuit.resumed', publicationId: null, subjectId: null, before } as const;
    await recordActivity(tx, context, change);
    return true;
  });
}
