import { suppressUnlessStorm, suppressWhoRests } from '../../deliveries/record-attempts.js';
import { bySystem } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import { domainOf } from '../../platform/mail/address.js';
import { endSubscription } from '../../subscribers/leave/unsubscribe.js';
import { listLastDecisions } from '../../subscribers/suppression/reads.js';
import { countReportedBounces } from '../../subscribers/suppression/soft-bounces.js';
import { suppressComplained, suppressResting } from '../../subscribers/suppression/suppress-bounced.js';
import type { IncomingEvent } from '../event.js';
import { countProviderMail, type ProviderEvent } from '../../transports/provider-limits/judge-providers.js';
import { decideEffect, type EventEffect } from '../policy.js';
import { openReportedStorms, type ReportedStorm } from './report-storms.js';
import { readRecipientDomains, type SentDelivery, type SentNotice } from './reads.js';
import { awaitPolicyTurn } from './writes.js';

/** An event that counts, and the mail that it is about. `occurredAt`: not before the mail was sent, and not after now. */
export type CountedEvent = {
  event: IncomingEvent;
  mail: (SentDelivery | SentNotice) & { subscriptionId: string; addressHash: Buffer };
  occurredAt: Date;
};

type Decided = CountedEvent & { effect: EventEffect };

/**
 * Does to readers what the policy says of these events. One transaction after the other does so, and what each leaves depends on
 * which events there are, and not on their order.
 * @returns the effect of each, `nothing` where what was decided after the mail was sent goes before it; and the storms of bounces
 * that begin with these
 */
export async function applyPolicy(
  tx: Tx,
  events: readonly CountedEvent[],
  now: Date,
): Promise<{ effects: EventEffect[]; storms: ReportedStorm[] }> {
  const decided = events.map((each): Decided => ({ ...each, effect: decideEffect(each.event) }));
  if (decided.every(({ effect }) => effect === 'nothing'))
    return { effects: decided.map(({ effect }) => effect), storms: [] };
  await awaitPolicyTurn(tx);
  const decisions = await listLastDecisions(
    tx,
    decided.map(({ mail }) => mail),
  );
  const valid = decided.map((each, place): Decided => {
    const decision = decisions[place];
    return decision !== undefined && each.mail.sentAt < decision ? { ...each, effect: 'nothing' } : each;
  });
  const having = (...effects: EventEffect[]) => valid.filter(({ effect }) => effects.includes(effect));
  await countReports(tx, valid, now);
  const storms = await suppressBouncing(tx, having('bounced'), now);
  await countBounces(tx, having('unconfirmed', 'soft'), now);
  await suppressComplained(
    tx,
    having('complained').map(({ mail }) => mail.addressHash),
    now,
  );
  for (const { mail } of having('unsubscribed'))
    await endSubscription(tx, bySystem(now), mail.subscriptionId);
  return { effects: valid.map(({ effect }) => effect), storms };
}

/** For the rates of providers. A report of a complaint often names nobody: the reader's own address does. */
async function countReports(tx: Tx, events: readonly Decided[], now: Date): Promise<void> {
  const whats: Partial<Record<EventEffect, ProviderEvent['what']>> = {
    bounced: 'bounced',
    unconfirmed: 'bounced',
    complained: 'complained',
  };
  const counted = events.filter(({ effect }) => whats[effect] !== undefined);
  if (counted.length === 0) return;
  const domains = await readRecipientDomains(tx, [
    ...new Set(counted.map(({ mail }) => mail.subscriptionId)),
  ]);
  await countProviderMail(
    tx,
    counted.flatMap(({ mail, effect }) => {
      const [domain, what] = [domains.get(mail.subscriptionId), whats[effect]];
      return domain === undefined || what === undefined ? [] : [{ domain, what }];
    }),
    now,
  );
}

/** Single mails do not know their server, so that no storm speaks against what comes back of them. */
async function suppressBouncing(tx: Tx, bounced: readonly Decided[], now: Date): Promise<ReportedStorm[]> {
  const bounces = bounced.flatMap(({ event, mail: { addressHash, transportId } }) =>
    transportId === null
      ? []
      : [{ addressHash, transportId, domain: recipientDomain(event), reason: event.reason ?? '' }],
  );
  const storms = await openReportedStorms(tx, bounces, now);
  await suppressUnlessStorm(tx, bounces, now);
  const others = bounced.flatMap(({ mail }) => (mail.transportId === null ? [mail.addressHash] : []));
  await suppressResting(tx, others, now);
  return storms;
}

/** Of digests only, and not of who was erased: a single mail is no digest that could be counted. */
async function countBounces(tx: Tx, counted: readonly Decided[], now: Date): Promise<void> {
  const bounces = counted.flatMap(({ mail, occurredAt, effect }) => {
    if (!('digestId' in mail) || mail.isErased) return [];
    const { subscriptionId, digestId, sentAt } = mail;
    return [{ subscriptionId, digestId, sentAt, reportedAt: occurredAt, isHard: effect === 'unconfirmed' }];
  });
  const domains = new Map(counted.map(({ event, mail }) => [mail.subscriptionId, recipientDomain(event)]));
  await suppressWhoRests(tx, await countReportedBounces(tx, bounces), domains, now);
}

function recipientDomain({ recipient }: IncomingEvent): string {
  return recipient === undefined ? '' : domainOf(recipient);
}
