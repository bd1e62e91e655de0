import express, { type Response, type Router } from 'express';
import { findArticleAt } from '../../articles/identity-reads.js';
import { hasBeenWritten } from '../../deliveries/delivery-log.js';
import { nextDigest } from '../../deliveries/wording.js';
import { manageUrl, unsubscribeUrl } from '../../deliveries/mail-names.js';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { maskAddress } from '../../subscribers/address.js';
import { confirm, wishedChoices } from '../../subscribers/confirm.js';
import { findLatestRequest } from '../../subscribers/request-reads.js';
import { signUp } from '../../subscribers/sign-up.js';
import { answerTooMany } from '../errors.js';
import { createNetworkLimit } from '../network-limit.js';
import { privatePage } from '../security-headers.js';
import { sealTicket } from './check-inbox.js';
import { choicesForm, readChoices } from './choices-form.js';
import { openToken, showArchived, showInvalid, type Holder } from './token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'publicUrl'>;

/** For this long after pressing the button the page says "You're subscribed", later "You're already confirmed". */
const FRESH_MS = 10 * 60_000;

/** The link of the confirmation mail: GET shows the button and changes nothing, POST confirms. */
export function confirmationRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'resend');
  const router = express.Router();
  router.use('/confirm', privatePage);

  router.get('/confirm/:token', async (req, res) => {
    const holder = await openToken(context, 'confirm', req.params.token);
    if (holder === undefined) return showInvalid(context, res);
    return show(context, res, holder, req.params.token);
  });

  const form = express.urlencoded({ extended: false, limit: '10kb' });
  router.post('/confirm/:token', form, async (req, res) => {
    const holder = await openToken(context, 'confirm', req.params.token);
    if (holder === undefined) return showInvalid(context, res);
    const { subscription, publication, generation } = holder;
    if (holder.kind === 'expired' || publication.archivedAt !== null) {
      return show(context, res, holder, req.params.token);
    }
    const offered = await offeredChoices(context, holder);
    const read = readChoices(req.body, offered.choices, publication);
    if (read.kind === 'mistake') {
      res.status(422);
      return show(context, res, holder, req.params.token, true);
    }
    const wording = context.templates.sentence('pages/partials/consent-wording', subscription.locale, {
      publication,
    });
    const outcome = await confirm(context, {
      subscriptionId: subscription.id,
      generation,
      publication,
      wording,
      choices: read.choices,
      origin: { ip: req.ip, agent: req.get('user-agent') },
    });
    if (outcome.kind === 'revoked') return showInvalid(context, res);
    return res.redirect(303, `/confirm/${req.params.token}`);
  });

  router.post('/confirm/:token/resend', async (req, res) => {
    const holder = await openToken(context, 'confirm', req.params.token);
    if (holder === undefined || holder.publication.archivedAt !== null) return showInvalid(context, res);
    if (holder.generation !== holder.subscription.generation) return showInvalid(context, res);
    const within = await limit(req.ip);
    if (within.kind === 'too-many')
      return answerTooMany(context, req, res, holder.publication, within.seconds);
    const { id: publicationId } = holder.publication;
    const { id: subscriptionId, email, locale } = holder.subscription;
    const asked = await findLatestRequest(context.db, subscriptionId);
    const { timezone = null, cadence = null, topics = [], source = null } = asked ?? {};
    const { id } = await signUp(context, { publicationId, email, locale, timezone, cadence, topics, source });
    return res.redirect(303, `/check-inbox/${sealTicket(context, publicationId, id, 0)}`);
  });

  return router;
}

/** What she wished for in the form; `guessed` when her time zone is only the publication's. */
async function offeredChoices({ db }: PageContext, { subscription, publication }: Holder) {
  const wish = await findLatestRequest(db, subscription.id);
  return { choices: wishedChoices(wish, publication), guessed: (wish?.timezone ?? null) === null };
}

async function show(
  context: PageContext,
  res: Response,
  holder: Holder,
  token: string,
  mistake = false,
): Promise<void> {
  const { subscription, publication } = holder;
  const page = (name: string, data: object) =>
    res.type('html').send(context.templates.page(name, subscription.locale, { publication, ...data }));
  if (publication.archivedAt !== null) return showArchived(context, res, publication);
  if (holder.generation !== subscription.generation) return showInvalid(context, res);
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

async function confirmedFacts(context: PageContext, { subscription, publication }: Holder) {
  const confirmedAt = subscription.confirmedAt ?? new Date(0);
  const fresh = context.now().getTime() - confirmedAt.getTime() < FRESH_MS;
  return {
    fresh,
    // Within these minutes the first one may have come already.
    waitsForFirst: fresh && !(await hasBeenWritten(context, subscription, confirmedAt)),
    nextDigest: nextDigest(context, subscription),
    subscription,
    ...(await wayBack(context, subscription.id, publication)),
    manageUrl: manageUrl(context, subscription),
    unsubscribeUrl: unsubscribeUrl(context, subscription),
  };
}

/** To the page she came from, by its title where it is an article. */
async function wayBack({ db }: PageContext, subscriptionId: string, publication: Publication) {
  const backUrl = cameFrom(await findLatestRequest(db, subscriptionId), publication);
  const article = await findArticleAt(db, publication.id, backUrl);
  return { backUrl, backTitle: article?.title ?? null };
}

/** The page she signed up on, as long as it is on the publisher's own site: anybody can name another in a form. */
function cameFrom(asked: { source: string | null } | undefined, { siteUrl }: { siteUrl: string }) {
  const source = asked?.source ?? null;
  if (source === null || !URL.canParse(source) || !URL.canParse(siteUrl)) return null;
  const [page, site] = [new URL(source), new URL(siteUrl)];
  const isTheirs = /^https?:$/.test(page.protocol) && page.host === site.host;
  return isTheirs && page.pathname !== site.pathname ? page.href : null;
}
