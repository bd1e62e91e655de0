import type { Tx } from '../platform/db/database.js';
import { countSoftBounces, type MailboxReplies } from '../subscribers/suppression/soft-bounces.js';
import {
  suppressBounced,
  suppressResting,
  type Bounce,
} from '../subscribers/suppression/suppress-bounced.js';
import { holdBackBounceStorms, listBounceStorms, type ServerDomain } from '../transports/circuits/reads.js';
import { countProviderMail, type ProviderEvent } from '../transports/provider-limits/judge-providers.js';
import type { FinishedAttempt } from './attempt-result.js';
import type { BatchKey } from './delivery.js';
import { listBouncedAddresses } from './reads.js';
import { recordResults } from './record-results.js';
import { findRestingMailboxes } from './resting-mailboxes.js';

/**
 * sending -> how each attempt ended. An address that its server calls bad for good is suppressed in the same transaction, and so
 * is one that several digests over weeks could not reach.
 * @returns how many deliveries were moved
 */
export async function recordAttempts(
  tx: Tx,
  batch: BatchKey,
  rows: readonly FinishedAttempt[],
  now: Date,
): Promise<number> {
  const recorded = await recordResults(tx, batch, rows, now);
  const domains = new Map(
    rows.map(({ subscriptionId, result }) => [subscriptionId, result.bouncedDomain ?? '']),
  );
  if (recorded === rows.length) await countProviderMail(tx, providerEvents(rows), now);
  const counted = await countSoftBounces(tx, batch.digestId, mailboxReplies(rows), now);
  await suppressWhoRests(tx, counted, domains, now);
  const bounced = rows.filter(
    ({ result }) => result.bouncedDomain !== undefined && result.isUnconfirmedBounce !== true,
  );
  if (bounced.length === 0) return recorded;
  // Only of attempts that were recorded: a late reply to an attempt before the last says nothing new.
  const addresses = await listBouncedAddresses(tx, batch, bounced);
  const bounces = addresses.map(({ subscriptionId, ...address }) => ({
    ...address,
    domain: domains.get(subscriptionId) ?? '',
  }));
  await suppressUnlessStorm(tx, bounces, now);
  return recorded;
}

/**
 * Suppresses the addresses of those of these subscriptions whose mailbox is to rest. That several digests over weeks could not
 * reach it no storm speaks against; against what says that the address is bad one may.
 * @param domains of the recipients whose address is said to be bad
 */
export async function suppressWhoRests(
  tx: Tx,
  subscriptionIds: readonly string[],
  domains: ReadonlyMap<string, string>,
  now: Date,
): Promise<void> {
  if (subscriptionIds.length === 0) return;
  const resting = await findRestingMailboxes(tx, subscriptionIds);
  const bounces = resting.flatMap(({ subscriptionId, addressHash, transportId, isHard }) =>
    isHard && transportId !== null
      ? [{ addressHash, transportId, domain: domains.get(subscriptionId) ?? '' }]
      : [],
  );
  await suppressUnlessStorm(tx, bounces, now);
  const others = resting.filter(({ isHard, transportId }) => !isHard || transportId === null);
  await suppressResting(
    tx,
    others.map(({ addressHash }) => addressHash),
    now,
  );
}

/** Of what was recorded late nothing is counted: it would be asked about row by row. */
function providerEvents(rows: readonly FinishedAttempt[]): ProviderEvent[] {
  return rows.flatMap(({ domain, result }): ProviderEvent[] => {
    if (result.bouncedDomain !== undefined) return [{ domain: result.bouncedDomain, what: 'bounced' }];
    return domain !== undefined && result.state === 'accepted' ? [{ domain, what: 'accepted' }] : [];
  });
}

function mailboxReplies(rows: readonly FinishedAttempt[]): MailboxReplies {
  const replies: MailboxReplies = { accepted: [], deferred: [], givenUp: [], unconfirmed: [] };
  for (const { subscriptionId, result } of rows) {
    if (result.state === 'accepted') replies.accepted.push(subscriptionId);
    else if (result.isUnconfirmedBounce === true) replies.unconfirmed.push(subscriptionId);
    else if (result.isSoftBounce === true)
      (result.state === 'deferred' ? replies.deferred : replies.givenUp).push(subscriptionId);
  }
  return replies;
}

/**
 * While its domain is in a storm of bounces, none of them is believed. A storm that is found later lifts what this has suppressed,
 * so none is begun between the look at the storms and the end of the transaction.
 */
export async function suppressUnlessStorm(tx: Tx, bounces: readonly Bounce[], now: Date): Promise<void> {
  if (bounces.length === 0) return;
  await holdBackBounceStorms(tx);
  const storms = new Set((await listBounceStorms(tx, bounces, now)).map(keyOf));
  await suppressBounced(
    tx,
    bounces.filter((bounce) => !storms.has(keyOf(bounce))),
    now,
  );
}

function keyOf({ transportId, domain }: ServerDomain): string {
  return `${transportId} ${domain}`;
}
