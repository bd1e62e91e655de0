import type { Response } from 'express';
import { findArticleByUrl } from '../../../articles/reads.js';
import { hasBeenMailed } from '../../../deliveries/self-service/delivery-log.js';
import { describeNextDigest } from '../../../deliveries/notices/next-digest-text.js';
import { manageUrl, unsubscribeUrl } from '../../../deliveries/mail-urls.js';
import type { Context } from '../../../platform/context.js';
import { MINUTE_MS } from '../../../platform/durations.js';
import { canonicalTimeZone } from '../../../platform/text/time-zone.js';
import type { Publication } from '../../../publications/publication.js';
import { maskAddress } from '../../../subscribers/address.js';
import { confirmationDeadline } from '../../../subscribers/confirm/confirm.js';
import { createVisit } from '../../../subscribers/confirm/visit.js';
import { requestedChoices } from '../../../subscribers/sign-up/request.js';
import { isSubscribed, isTombstone, type Choices } from '../../../subscribers/subscription.js';
import { choicesForm } from '../choices-form.js';
import { showPublicationArchived, showInvalidLink } from '../shared-pages.js';
import { showLeft } from '../unsubscribe/page.js';
import type { ConfirmLink } from './link.js';

export type PageContext = Pick<
  Context,
  'db' | 'now' | 'actor' | 'links' | 'templates' | 'hashAddress' | 'publicUrl'
>;

/** How long after she confirmed the page says "You're subscribed"; later it says "You're already confirmed". */
const RECENTLY_CONFIRMED_MS = 10 * MINUTE_MS;

/** What became of the choices of a form that was sent just before. `press-again`: a program had pressed every button of its page. */
export type SentChoices = 'saved' | 'expired' | 'mistake' | 'press-again';

/** What she chose in the sign-up form. `isZoneGuessed`: her browser sent no time zone, so it is the publication's. */
export function offeredChoices({ request, publication }: ConfirmLink) {
  return {
    choices: requestedChoices(request, publication),
    isZoneGuessed: canonicalTimeZone(request?.timezone ?? '') === undefined,
  };
}

/**
 * Shows the page of a confirmation link, by the state of the subscription and of the link. Each page with the button is a visit
 * of its own.
 * @param chosen what the form offers; left out: what the request asked for
 */
export async function showConfirmPage(
  context: PageContext,
  res: Response,
  holder: ConfirmLink,
  token: string,
  sent?: SentChoices,
  chosen?: Choices,
): Promise<void> {
  const { subscription, publication, locale } = holder;
  const page = (name: string, data: object) =>
    res.type('html').send(context.templates.page(name, locale, { publication, ...data }));
  if (publication.archivedAt !== null) return showPublicationArchived(context, res, publication);
  if (hasLeftSince(holder)) return showLeft(context, res.status(410), holder);
  if (!holder.isCurrent) return showInvalidLink(context, res);
  const { email } = subscription;
  const left = { leftAt: subscription.unsubscribedAt, zone: subscription.timezone };
  if (isSubscribed(subscription)) {
    if (sent === 'expired') res.status(410);
    return void page('subscribed', { email, sent: sent ?? null, ...(await confirmedFacts(context, holder)) });
  }
  if (holder.kind === 'expired') {
    res.status(410);
    return void page('confirm-expired', { maskedEmail: maskAddress(email), token, ...left });
  }
  const { choices, isZoneGuessed } = offeredChoices(holder);
  const form = choicesForm(
    chosen ?? choices,
    publication,
    context.templates.resolveLocale(locale, publication.locale),
    context.now(),
  );
  if (sent === 'press-again') res.status(409);
  return void page('confirm', {
    email,
    token,
    form,
    visit: createVisit(),
    ...left,
    guessed: isZoneGuessed && chosen === undefined,
    mistake: sent === 'mistake',
    again: sent === 'press-again',
  });
}

/** Whether she has left since the link was mailed: it cannot bring her back, a new one can. */
export function hasLeftSince({ subscription, isCurrent, expiresAt }: ConfirmLink): boolean {
  const { unsubscribedAt } = subscription;
  if (subscription.status !== 'unsubscribed' || unsubscribedAt === null || isTombstone(subscription))
    return false;
  if (!isCurrent) return true;
  // Undoing gives old links back, and leaving again takes them away.
  return (
    expiresAt !== undefined && confirmationDeadline(unsubscribedAt).getTime() - expiresAt.getTime() >= 1000
  );
}

async function confirmedFacts(context: PageContext, { subscription, publication, request }: ConfirmLink) {
  const confirmedAt = subscription.confirmedAt ?? new Date(0);
  const isRecent = context.now().getTime() - confirmedAt.getTime() < RECENTLY_CONFIRMED_MS;
  return {
    fresh: isRecent,
    // Within these minutes her first digest may have been mailed already.
    waitsForFirst: isRecent && !(await hasBeenMailed(context, subscription, confirmedAt)),
    nextDigest: describeNextDigest(context, subscription, publication),
    subscription,
    ...(await findReturnLink(context, request, publication)),
    manageUrl: manageUrl(context, subscription),
    unsubscribeUrl: unsubscribeUrl(context, subscription),
  };
}

/** The link back to the page she signed up on, with its title if it is an article. */
async function findReturnLink(
  { db }: PageContext,
  request: ConfirmLink['request'],
  publication: Publication,
) {
  const backUrl = returnUrl(request, publication);
  const article = await findArticleByUrl(db, publication.id, backUrl);
  return { backUrl, backTitle: article?.title ?? null };
}

/** Null unless the page is on the publisher's own site: a form can be sent with any URL. */
function returnUrl(request: ConfirmLink['request'], { siteUrl }: { siteUrl: string }) {
  const source = request?.source ?? null;
  if (source === null || !URL.canParse(source) || !URL.canParse(siteUrl)) return null;
  const [page, site] = [new URL(source), new URL(siteUrl)];
  const isOnSite = /^https?:$/.test(page.protocol) && page.host === site.host;
  return isOnSite && page.pathname !== site.pathname ? page.href : null;
}
