import { describeNextDigest } from '../../../deliveries/notices/next-digest-text.js';
import type { Context } from '../../../platform/context.js';
import { listPublications } from '../../../publications/reads.js';
import { maskAddress } from '../../../subscribers/address.js';
import { leaveReasons } from '../../../subscribers/leave/record-leave-reason.js';
import { findLeaveReason } from '../../../subscribers/leave/reads.js';
import { isSuppressed } from '../../../subscribers/reads.js';
import { isTombstone, mayUndoUnsubscribe } from '../../../subscribers/subscription.js';
import type { OpenedLink } from '../token-pages.js';

export type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'publicUrl'>;

/** What the query says was done just before: shown as far as it is still so. */
type PageQuery = { token: string; query: Record<string, unknown> };

/** The page behind an unsubscribe link, by the state of the subscription. */
export function renderUnsubscribePage(
  context: PageContext,
  holder: OpenedLink,
  look: PageQuery,
): Promise<string> | string {
  const { status } = holder.subscription;
  if (status === 'unsubscribed') return unsubscribedPage(context, holder, look);
  return 'resumed' in look.query
    ? resubscribedPage(context, holder, look)
    : questionPage(context, holder, look);
}

/** The button first; then what may do instead. */
function questionPage(context: PageContext, holder: OpenedLink, { token, query }: PageQuery): string {
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

function resubscribedPage(context: PageContext, holder: OpenedLink, { token }: PageQuery): string {
  return context.templates.page('resubscribed', holder.subscription.locale, {
    ...facts(holder),
    token,
    resting: holder.subscription.status === 'paused',
    nextDigest: describeNextDigest(context, holder.subscription),
  });
}

async function unsubscribedPage(
  context: PageContext,
  holder: OpenedLink,
  { token, query }: PageQuery,
): Promise<string> {
  const { subscription } = holder;
  const erased = isTombstone(subscription);
  const answered = await findLeaveReason(context.db, subscription.id);
  const blocked = await isBlocked(context, holder);
  return context.templates.page('unsubscribed', subscription.locale, {
    ...facts(holder),
    token,
    erased,
    blocked,
    canUndo: mayUndoUnsubscribe(subscription, context.now()) && !blocked,
    reasons: leaveReasons,
    reason: answered?.reason ?? null,
    thanked: 'thanks' in query && answered !== undefined,
    mailed: ['yes', 'later'].find((word) => word === query['mailed']) ?? null,
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

/** A link of which nothing can be read: whoever holds it can still have the mail stopped, by her address. */
export async function unknownLinkPage({ db, templates }: Pick<Context, 'db' | 'templates'>): Promise<string> {
  const publications = (await listPublications(db)).filter(({ archivedAt }) => archivedAt === null);
  const [only] = publications.length === 1 ? publications : [];
  const locale = only?.locale ?? 'en';
  return templates.page('unsubscribe-unknown', locale, { publication: only ?? null, publications });
}
