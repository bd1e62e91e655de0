import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { readLatestArticleNumber } from '../../publications/article-numbers.js';
import type { Publication } from '../../publications/publication.js';
import { evidenceOf, type Origin } from '../consent/evidence.js';
import { recordConsent } from '../consent/record-consent.js';
import { nextDueAt } from '../due/next-due.js';
import { hashMailbox } from '../mail-cap/mailbox.js';
import { resetMailCap } from '../mail-cap/writes.js';
import { findSubscription, lockSubscription } from '../reads.js';
import { listRequestsOfSecond } from '../sign-up/reads.js';
import { requestedChoices, requestedLocale, type SignUpRequest } from '../sign-up/request.js';
import { isSubscribed, type Choices, type Subscription } from '../subscription.js';
import { addressHashes } from '../suppression/address-hashes.js';
import { liftBounce, liftErasure } from '../suppression/lift-suppression.js';
import { isSuppressed } from '../suppression/reads.js';
import { markConfirmed } from '../writes.js';
import { listVisits, readBeforeConfirming } from './reads.js';
import { isRecent, isTrapped, TRAP_WINDOW_MS, type Visit } from './visit.js';
import { upsertPress } from './writes.js';

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
  /** The page on which it was pressed (visit.ts); undefined: a program sent the form by itself, and cannot be told from another. */
  visit?: string | undefined;
  /** Where the button was pressed; kept only where the publication wants that evidence. */
  origin?: Origin;
};

/** `trapped`: a program pressed every button of the page, and nothing was changed. */
export type ConfirmResult = { kind: 'confirmed' | 'already-confirmed' | 'revoked' | 'trapped' };

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
    const subscription = await lockSubscription(tx, input.subscriptionId);
    if (subscription === undefined) return { kind: 'revoked' };
    const visits = await listVisits(tx, subscription.id, new Date(now().getTime() - TRAP_WINDOW_MS));
    if (isTrappedVisit(visits, input, now())) return { kind: 'trapped' };
    const { id, publicationId, emailKey } = subscription;
    const hashes = addressHashes(hashAddress, emailKey);
    const [addressHash] = hashes;
    const mailboxHash = hashMailbox(hashAddress, emailKey);
    const before =
      input.visit === undefined ? {} : await readBeforeConfirming(tx, id, { addressHash, mailboxHash });
    await liftBounce(tx, context, publicationId, hashes);
    if (await isSuppressed(tx, publicationId, hashes)) return { kind: 'revoked' };
    if (!(await confirmRow(tx, context, subscription, input)))
      return { kind: await failureOf(tx, input, visits, now()) };
    await resetMailCap(tx, mailboxHash, publicationId);
    await liftErasure(tx, context, publicationId, addressHash);
    const consentId = await recordConsent(
      tx,
      { ...input, request: input.request, origin: input.origin },
      now(),
    );
    await recordPress(tx, input, { consentId, before }, now());
    await enqueue(tx, 'send-welcome', { consentId }, now());
    return { kind: 'confirmed' };
  });
}

function isTrappedVisit(visits: readonly Visit[], { visit }: ConfirmInput, now: Date): boolean {
  return visits.some((each) => each.visit === visit && isTrapped(each, now));
}

async function recordPress(
  tx: Tx,
  { subscriptionId, visit, publication, origin }: ConfirmInput,
  made: Parameters<typeof upsertPress>[1]['made'],
  now: Date,
): Promise<void> {
  if (visit === undefined) return;
  await upsertPress(tx, { subscriptionId, visit, origin: evidenceOf(publication, origin), made }, now);
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

/**
 * Why a row was not confirmed: another press was first, or the link's generation is over. While the other press can be taken
 * back, this one is remembered: the subscription stays confirmed then.
 */
async function failureOf(
  tx: Tx,
  input: ConfirmInput,
  visits: readonly Visit[],
  now: Date,
): Promise<'already-confirmed' | 'revoked'> {
  const subscription = await findSubscription(tx, input.subscriptionId);
  if (subscription === undefined || !isSubscribed(subscription)) return 'revoked';
  const first = visits.find(({ consentId }) => consentId !== null);
  if (first !== undefined && first.visit !== input.visit && isRecent(first, now))
    await recordPress(tx, input, null, now);
  return 'already-confirmed';
}
