import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { readLatestArticleNumber } from '../../publications/article-numbers.js';
import type { Publication } from '../../publications/publication.js';
import type { Origin } from '../consent/evidence.js';
import { recordConsent } from '../consent/record-consent.js';
import { nextDueAt } from '../due/next-due.js';
import { hashMailbox } from '../mail-cap/mailbox.js';
import { resetMailCap } from '../mail-cap/writes.js';
import { findSubscription } from '../reads.js';
import { listRequestsOfSecond } from '../sign-up/reads.js';
import { requestedChoices, requestedLocale, type SignUpRequest } from '../sign-up/request.js';
import { isSubscribed, type Choices, type Subscription } from '../subscription.js';
import { addressHashes } from '../suppression/address-hashes.js';
import { liftBounce, liftErasure } from '../suppression/lift-suppression.js';
import { isSuppressed } from '../suppression/reads.js';
import { markConfirmed } from '../writes.js';

/** How long a confirmation link works, from the moment a sign-up is answered: one that was held is answered later. */
const CONFIRM_WINDOW_MS = 3 * DAY_MS;

export function confirmationDeadline(answeredAt: Date): Date {
  return new Date(answeredAt.getTime() + CONFIRM_WINDOW_MS);
}

/**
 * The request whose mail had a confirmation link; what it asked for is what the link confirms, whoever sent other forms
 * with the address before or since. A link names no request, and expires a fixed time after its own was recorded.
 * @param linkExpiresAt in whole seconds, as links have it
 * @returns undefined when the request was deleted
 */
export async function findRequestOfLink(
  db: Db | Tx,
  { id, confirmedAt }: Pick<Subscription, 'id' | 'confirmedAt'>,
  linkExpiresAt: Date | undefined,
): Promise<SignUpRequest | undefined> {
  if (linkExpiresAt === undefined) return undefined;
  const recordedAt = new Date(linkExpiresAt.getTime() - CONFIRM_WINDOW_MS);
  const requests = await listRequestsOfSecond(db, id, recordedAt);
  // An address that nobody has confirmed is mailed once a minute: a second form of this second was held, and may be another's.
  return confirmedAt === null ? requests[0] : requests.at(-1);
}

export type ConfirmInput = {
  subscriptionId: string;
  /** The link's; a link of an earlier generation is revoked. */
  generation: number;
  publication: Publication;
  /** The one whose mail had the link (`findRequestOfLink`). */
  request?: SignUpRequest | undefined;
  /** The text beside the button, as she read it. */
  wording: string;
  /** What she chose on the page; absent: what the request asked for. */
  choices?: Choices;
  /** Where the button was pressed; kept only where the publication wants that evidence. */
  origin?: Origin;
};

export type ConfirmResult = { kind: 'confirmed' | 'already-confirmed' | 'revoked' };

/**
 * Confirms a subscription, records the consent (wording, page and times), and enqueues a welcome. She gets what is released
 * from now on. Pressing the button twice confirms once.
 */
export function confirmSubscription(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>,
  input: ConfirmInput,
): Promise<ConfirmResult> {
  const { db, now, hashAddress } = context;
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, input.subscriptionId);
    if (subscription === undefined) return { kind: 'revoked' };
    const { id, publicationId, emailKey } = subscription;
    const hashes = addressHashes(hashAddress, emailKey);
    await liftBounce(tx, context, publicationId, hashes);
    if (await isSuppressed(tx, publicationId, hashes)) return { kind: 'revoked' };
    if (!(await confirmRow(tx, context, subscription, input))) return { kind: await failureOf(tx, id) };
    await resetMailCap(tx, hashMailbox(hashAddress, emailKey), publicationId);
    await liftErasure(tx, context, publicationId, hashes[0]);
    const consentId = await recordConsent(
      tx,
      { ...input, request: input.request, origin: input.origin },
      now(),
    );
    await enqueue(tx, 'send-welcome', { consentId }, now());
    return { kind: 'confirmed' };
  });
}

async function confirmRow(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  subscription: Subscription,
  { generation, publication, request, choices: chosen }: ConfirmInput,
): Promise<boolean> {
  const now = context.now();
  const choices = chosen ?? requestedChoices(request, publication);
  const row = {
    ...choices,
    locale: requestedLocale(request, subscription, publication),
    watermark: await readLatestArticleNumber(tx, publication.id),
    nextDueAt: nextDueAt(choices, now),
  };
  const { id, status, publicationId } = subscription;
  if ((await markConfirmed(tx, id, generation, row, now)) === undefined) return false;
  const change = { kind: 'subscription.confirmed', publicationId, subjectId: id } as const;
  await recordActivity(tx, context, { ...change, before: { status }, after: row });
  return true;
}

/** Why a row was not confirmed: another press was first, or the link's generation is over. */
async function failureOf(tx: Tx, id: string): Promise<'already-confirmed' | 'revoked'> {
  const subscription = await findSubscription(tx, id);
  return subscription !== undefined && isSubscribed(subscription) ? 'already-confirmed' : 'revoked';
}
