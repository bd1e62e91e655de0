import type { Response } from 'express';
import { unsubscribeToken } from '../../../deliveries/mail-urls.js';
import { describeNextDigest } from '../../../deliveries/notices/next-digest-text.js';
import type { Context } from '../../../platform/context.js';
import { MINUTE_MS } from '../../../platform/durations.js';
import { listPublications } from '../../../publications/reads.js';
import { maskAddress } from '../../../subscribers/address.js';
import { leaveReasons } from '../../../subscribers/leave/leave-reason.js';
import { findLeaveReason } from '../../../subscribers/leave/reads.js';
import { addressHashes } from '../../../subscribers/suppression/address-hashes.js';
import { isOnlyBounced } from '../../../subscribers/suppression/lift-suppression.js';
import { isSuppressed, listSuppressionsOf } from '../../../subscribers/suppression/reads.js';
import { isSubscribed, isTombstone } from '../../../subscribers/subscription.js';
import { mayUndoUnsubscribe } from '../../../subscribers/leave/restore-subscription.js';
import type { OpenedLink } from '../open-token.js';

/** Values of the query `done` after she asked for the one-hour link: it was mailed, or she had as many as a day allows. */
const dataLinkOutcomes = ['data', 'data-later'];

/** How long after she left a mail may arrive whose transmission had begun. */
const ON_ITS_WAY_MS = 10 * MINUTE_MS;

export type PageContext = Pick<Context, 'db' | 'now' | 'actor' | 'links' | 'templates' | 'hashAddress'>;

/** Whose link was opened. */
type Holder = Pick<OpenedLink, 'subscription' | 'publication'>;

/** `query` names the form that was sent just before; its outcome is shown while it is still true. */
type PageRequest = { token: string; query: Record<string, unknown> };

/** Renders the page of an unsubscribe link, by the state of the subscription. */
export function renderUnsubscribePage(
  context: PageContext,
  holder: Holder,
  request: PageRequest,
): Promise<string> | string {
  const { status } = holder.subscription;
  if (status === 'unsubscribed') return unsubscribedPage(context, holder, request);
  return request.query['done'] === 'undo'
    ? resubscribedPage(context, holder, request)
    : questionPage(context, holder, request);
}

/** The button to unsubscribe, and what she may choose instead. */
function questionPage(context: PageContext, holder: Holder, { token, query }: PageRequest): string {
  const { subscription, publication } = holder;
  const { status, cadence } = subscription;
  const isReader = isSubscribed(subscription) && publication.archivedAt === null;
  const isSent = status === 'confirmed' && publication.archivedAt === null;
  return context.templates.page('unsubscribe', subscription.locale, {
    ...facts(holder),
    token,
    mayHaveFewer: isSent && (cadence === 'instant' || cadence === 'daily'),
    mayPause: isSent,
    nowFewer: query['done'] === 'fewer' && isReader && (cadence === 'weekly' || cadence === 'monthly'),
    nowPaused: query['done'] === 'pause' && status === 'paused',
    nextDigest: describeNextDigest(context, subscription, publication),
  });
}

function resubscribedPage(context: PageContext, holder: Holder, { token }: PageRequest): string {
  return context.templates.page('resubscribed', holder.subscription.locale, {
    ...facts(holder),
    token,
    isPaused: holder.subscription.status === 'paused',
    nextDigest: describeNextDigest(context, holder.subscription, holder.publication),
  });
}

async function unsubscribedPage(
  context: PageContext,
  holder: Holder,
  { token, query }: PageRequest,
): Promise<string> {
  const { subscription, publication } = holder;
  const erased = isTombstone(subscription);
  const given = await findLeaveReason(context.db, subscription.id);
  const blocked = await isBlocked(context, holder);
  const hasSaidNever = blocked && (await isBlockedByReader(context, holder));
  return context.templates.page('unsubscribed', subscription.locale, {
    ...facts(holder),
    token,
    erased,
    blocked,
    hasSaidNever,
    // What erasing left has no zone of hers.
    zone: erased ? publication.timezone : subscription.timezone,
    isRecent: context.now().getTime() - (subscription.unsubscribedAt?.getTime() ?? 0) < ON_ITS_WAY_MS,
    canUndo: mayUndoUnsubscribe(subscription, context.now()) && !blocked,
    maySignUp: publication.archivedAt === null && (!blocked || (await mayReturn(context, holder))),
    reasons: leaveReasons,
    reason: given?.reason ?? null,
    thanked: query['done'] === 'reason' && given !== undefined,
    dataLink: dataLinkOutcomes.find((outcome) => outcome === query['done']) ?? null,
  });
}

async function isBlockedByReader(
  { db, hashAddress }: PageContext,
  { subscription }: Holder,
): Promise<boolean> {
  const all = await listSuppressionsOf(
    db,
    subscription.publicationId,
    addressHashes(hashAddress, subscription.emailKey),
  );
  return all.some(({ reason }) => reason === 'never');
}

/** Whether the form may bring her back although her address is suppressed: it bounced, and signing up tries it once more. */
function mayReturn({ db, hashAddress }: PageContext, { subscription }: Holder): Promise<boolean> {
  return isOnlyBounced(db, subscription.publicationId, addressHashes(hashAddress, subscription.emailKey));
}

function facts({ subscription, publication }: Holder) {
  return { publication, subscription, maskedEmail: maskAddress(subscription.email) };
}

export function isBlocked(
  { db, hashAddress }: Pick<Context, 'db' | 'hashAddress'>,
  { subscription }: Holder,
): Promise<boolean> {
  return isSuppressed(db, subscription.publicationId, addressHashes(hashAddress, subscription.emailKey));
}

/** What every link of a reader who has left opens. It can do what her unsubscribe links can, and no more. */
export async function showLeft(context: PageContext, res: Response, holder: Holder): Promise<void> {
  const token = unsubscribeToken(context, holder.subscription);
  res.type('html').send(await unsubscribedPage(context, holder, { token, query: {} }));
}

/** The page for a link that cannot be read, from which she can still stop the mail by her address. */
export async function unknownLinkPage({ db, templates }: Pick<Context, 'db' | 'templates'>): Promise<string> {
  const publications = (await listPublications(db)).filter(({ archivedAt }) => archivedAt === null);
  const [only] = publications.length === 1 ? publications : [];
  const locale = only?.locale ?? 'en';
  return templates.page('unsubscribe-unknown', locale, { publication: only ?? null, publications });
}
