import { describeNextDigest } from '../../../deliveries/notices/next-digest-text.js';
import type { Context } from '../../../platform/context.js';
import { listPublications } from '../../../publications/reads.js';
import { maskAddress } from '../../../subscribers/address.js';
import { leaveReasons } from '../../../subscribers/leave/leave-reason.js';
import { findLeaveReason } from '../../../subscribers/leave/reads.js';
import { isSuppressed } from '../../../subscribers/suppression/reads.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { mayUndoUnsubscribe } from '../../../subscribers/leave/restore-subscription.js';
import type { OpenedLink } from '../open-token.js';

/** Values of the query `done` after she asked for the one-hour link: it was mailed, or she had as many as a day allows. */
const dataLinkOutcomes = ['data', 'data-later'];

export type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'publicUrl'>;

/** `query` names the form that was sent just before; its outcome is shown while it is still true. */
type PageRequest = { token: string; query: Record<string, unknown> };

/** Renders the page of an unsubscribe link, by the state of the subscription. */
export function renderUnsubscribePage(
  context: PageContext,
  holder: OpenedLink,
  request: PageRequest,
): Promise<string> | string {
  const { status } = holder.subscription;
  if (status === 'unsubscribed') return unsubscribedPage(context, holder, request);
  return request.query['done'] === 'undo'
    ? resubscribedPage(context, holder, request)
    : questionPage(context, holder, request);
}

/** The button to unsubscribe, and what she may choose instead. */
function questionPage(context: PageContext, holder: OpenedLink, { token, query }: PageRequest): string {
  const { subscription, publication } = holder;
  const { status, cadence } = subscription;
  const isSent = status === 'confirmed' && publication.archivedAt === null;
  return context.templates.page('unsubscribe', subscription.locale, {
    ...facts(holder),
    token,
    mayHaveFewer: isSent && (cadence === 'instant' || cadence === 'daily'),
    mayPause: isSent,
    nowWeekly: query['done'] === 'fewer' && isSent && cadence === 'weekly',
    nowPaused: query['done'] === 'pause' && status === 'paused',
    nextDigest: describeNextDigest(context, subscription),
  });
}

function resubscribedPage(context: PageContext, holder: OpenedLink, { token }: PageRequest): string {
  return context.templates.page('resubscribed', holder.subscription.locale, {
    ...facts(holder),
    token,
    isPaused: holder.subscription.status === 'paused',
    nextDigest: describeNextDigest(context, holder.subscription),
  });
}

async function unsubscribedPage(
  context: PageContext,
  holder: OpenedLink,
  { token, query }: PageRequest,
): Promise<string> {
  const { subscription } = holder;
  const erased = isTombstone(subscription);
  const given = await findLeaveReason(context.db, subscription.id);
  const blocked = await isBlocked(context, holder);
  return context.templates.page('unsubscribed', subscription.locale, {
    ...facts(holder),
    token,
    erased,
    blocked,
    canUndo: mayUndoUnsubscribe(subscription, context.now()) && !blocked,
    reasons: leaveReasons,
    reason: given?.reason ?? null,
    thanked: query['done'] === 'reason' && given !== undefined,
    dataLink: dataLinkOutcomes.find((outcome) => outcome === query['done']) ?? null,
  });
}

function facts({ subscription, publication }: OpenedLink) {
  return { publication, subscription, maskedEmail: maskAddress(subscription.email) };
}

export function isBlocked(
  { db, hashAddress }: Pick<Context, 'db' | 'hashAddress'>,
  { subscription }: OpenedLink,
): Promise<boolean> {
  return isSuppressed(db, subscription.publicationId, hashAddress(subscription.emailKey));
}

/** The page for a link that cannot be read, from which she can still stop the mail by her address. */
export async function unknownLinkPage({ db, templates }: Pick<Context, 'db' | 'templates'>): Promise<string> {
  const publications = (await listPublications(db)).filter(({ archivedAt }) => archivedAt === null);
  const [only] = publications.length === 1 ? publications : [];
  const locale = only?.locale ?? 'en';
  return templates.page('unsubscribe-unknown', locale, { publication: only ?? null, publications });
}
