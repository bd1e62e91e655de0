import express, { type Response, type Router } from 'express';
import { findArticleByUrl } from '../../../articles/ingest/reads.js';
import { hasBeenMailed } from '../../../deliveries/self-service/delivery-log.js';
import { describeNextDigest } from '../../../deliveries/notices/next-digest-text.js';
import { manageUrl, unsubscribeUrl } from '../../../deliveries/mail-urls.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { maskAddress } from '../../../subscribers/address.js';
import { confirmSubscription, requestedChoices } from '../../../subscribers/confirm/confirm.js';
import { findLatestRequest } from '../../../subscribers/request-reads.js';
import { recordTrustedRequest } from '../../../subscribers/sign-up/record-requests.js';
import { sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { privatePage } from '../../middleware/security-headers.js';
import { sealTicket } from '../sign-up/check-inbox.js';
import { choicesForm, readChoices } from '../choices-form.js';
import { openToken, showPublicationArchived, showInvalidLink, type OpenedLink } from '../token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'publicUrl'>;

/** For this long after pressing the button the page says "You're subscribed", later "You're already confirmed". */
const RECENTLY_CONFIRMED_MS = 10 * 60_000;

/** The link of the confirmation mail: GET shows the button and changes nothing, POST confirms. */
export function confirmationRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'resend');
  const router = express.Router();
  router.use('/confirm', privatePage);

  router.get('/confirm/:token', async (req, res) => {
    const holder = await openToken(context, 'confirm', req.params.token);
    if (holder === undefined) return showInvalidLink(context, res);
    return showPage(context, res, holder, req.params.token);
  });

  const form = express.urlencoded({ extended: false, limit: '10kb' });
  router.post('/confirm/:token', form, async (req, res) => {
    const holder = await openToken(context, 'confirm', req.params.token);
    if (holder === undefined) return showInvalidLink(context, res);
    const { subscription, publication, generation } = holder;
    if (holder.kind === 'expired' || publication.archivedAt !== null) {
      return showPage(context, res, holder, req.params.token);
    }
    const offered = await offeredChoices(context, holder);
    const read = readChoices(req.body, offered.choices, publication);
    if (read.kind === 'mistake') {
      res.status(422);
      return showPage(context, res, holder, req.params.token, true);
    }
    const wording = context.templates.line('pages/partials/consent-wording', subscription.locale, {
      publication,
    });
    const outcome = await confirmSubscription(context, {
      subscriptionId: subscription.id,
      generation,
      publication,
      wording,
      choices: read.choices,
      origin: { ip: req.ip, agent: req.get('user-agent') },
    });
    if (outcome.kind === 'revoked') return showInvalidLink(context, res);
    return res.redirect(303, `/confirm/${req.params.token}`);
  });

  router.post('/confirm/:token/resend', async (req, res) => {
    const holder = await openToken(context, 'confirm', req.params.token);
    if (holder === undefined || holder.publication.archivedAt !== null) return showInvalidLink(context, res);
    if (holder.generation !== holder.subscription.generation) return showInvalidLink(context, res);
    const within = await limit(req.ip);
    if (within.kind === 'too-many')
      return sendTooManyRequests(context, req, res, holder.publication, within.seconds);
    const { id: publicationId } = holder.publication;
    const { id: subscriptionId, email, locale } = holder.subscription;
    const asked = await findLatestRequest(context.db, subscriptionId);
    const { timezone = null, cadence = null, topics = [], source = null } = asked ?? {};
    const { id } = await recordTrustedRequest(context, {
      publicationId,
      email,
      locale,
      timezone,
      cadence,
      topics,
      source,
    });
    return res.redirect(303, `/check-inbox/${sealTicket(context, publicationId, id, 0)}`);
  });

  return router;
}

/** What she wished for in the form; `guessed` when her time zone is only the publication's. */
async function offeredChoices({ db }: PageContext, { subscription, publication }: OpenedLink) {
  const wish = await findLatestRequest(db, subscription.id);
  return { choices: requestedChoices(wish, publication), guessed: (wish?.timezone ?? null) === null };
}

async function showPage(
  context: PageContext,
  res: Response,
  holder: OpenedLink,
  token: string,
  mistake = false,
): Promise<void> {
  const { subscription, publication } = holder;
  const page = (name: string, data: object) =>
    res.type('html').send(context.templates.page(name, subscription.locale, { publication, ...data }));
  if (publication.archivedAt !== null) return showPublicationArchived(context, res, publication);
  if (holder.generation !== subscription.generation) return showInvalidLink(context, res);
  const { email } = subscription;
  if (subscription.status === 'confirmed' || subscription.status === 'paused') {
    return void page('subscribed', { email, ...(await confirmedFacts(context, holder)) });
  }
  if (holder.kind === 'expired') {
    res.status(410);
    return void page('confirm-expired', { maskedEmail: maskAddress(email), token });
  }
  const { choices, guessed } = await offeredChoices(context, holder);
  const form = choicesForm(choices, publication, subscription.locale, context.now());
  return void page('confirm', { email, token, form, guessed, mistake });
}

async function confirmedFacts(context: PageContext, { subscription, publication }: OpenedLink) {
  const confirmedAt = subscription.confirmedAt ?? new Date(0);
  const fresh = context.now().getTime() - confirmedAt.getTime() < RECENTLY_CONFIRMED_MS;
  return {
    fresh,
    // Within these minutes the first one may have come already.
    waitsForFirst: fresh && !(await hasBeenMailed(context, subscription, confirmedAt)),
    nextDigest: describeNextDigest(context, subscription),
    subscription,
    ...(await findReturnLink(context, subscription.id, publication)),
    manageUrl: manageUrl(context, subscription),
    unsubscribeUrl: unsubscribeUrl(context, subscription),
  };
}

/** To the page she came from, by its title where it is an article. */
async function findReturnLink({ db }: PageContext, subscriptionId: string, publication: Publication) {
  const backUrl = returnUrl(await findLatestRequest(db, subscriptionId), publication);
  const article = await findArticleByUrl(db, publication.id, backUrl);
  return { backUrl, backTitle: article?.title ?? null };
}

/** The page she signed up on, as long as it is on the publisher's own site: anybody can name another in a form. */
function returnUrl(asked: { source: string | null } | undefined, { siteUrl }: { siteUrl: string }) {
  const source = asked?.source ?? null;
  if (source === null || !URL.canParse(source) || !URL.canParse(siteUrl)) return null;
  const [page, site] = [new URL(source), new URL(siteUrl)];
  const isTheirs = /^https?:$/.test(page.protocol) && page.host === site.host;
  return isTheirs && page.pathname !== site.pathname ? page.href : null;
}
