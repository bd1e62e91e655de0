import type { Tx } from '../platform/db/database.js';
import { countSoftBounces, type MailboxReplies } from '../subscribers/suppression/soft-bounces.js';
import {
  suppressBounced,
  suppressResting,
  type Bounce,
} from '../subscribers/suppression/suppress-bounced.js';
import { holdBackBounceStorms, listBounceStorms, type ServerDomain } from '../transports/circuits/reads.js';
import type { FinishedAttempt } from './attempt-result.js';
import type { BatchKey } from './delivery.js';
import { listAddressHashes, listBouncedAddresses } from './reads.js';
import { recordResults } from './record-results.js';

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
  await countMailboxReplies(tx, batch, mailboxReplies(rows), now);
  const bounced = rows.filter(({ result }) => result.bouncedDomain !== undefined);
  if (bounced.length === 0) return recorded;
  const domains = new Map(
    bounced.map(({ subscriptionId, result }) => [subscriptionId, result.bouncedDomain]),
  );
  // Only of attempts that were recorded: a late reply to an attempt before the last says nothing new.
  const addresses = await listBouncedAddresses(tx, batch, bounced);
  const bounces = addresses.map(({ subscriptionId, ...address }) => ({
    ...address,
    domain: domains.get(subscriptionId) ?? '',
  }));
  await suppressUnlessStorm(tx, bounces, now);
  return recorded;
}

/** Suppresses the addresses of those whose mailbox is to rest. */
export async function countMailboxReplies(
  tx: Tx,
  batch: BatchKey,
  replies: MailboxReplies,
  now: Date,
): Promise<void> {
  const resting = await countSoftBounces(tx, batch.digestId, replies, now);
  if (resting.length > 0) await suppressResting(tx, await listAddressHashes(tx, batch, resting), now);
}

function mailboxReplies(rows: readonly FinishedAttempt[]): MailboxReplies {
  const replies: MailboxReplies = { accepted: [], deferred: [], givenUp: [] };
  for (const { subscriptionId, result } of rows) {
    if (result.state === 'accepted') replies.accepted.push(subscriptionId);
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
