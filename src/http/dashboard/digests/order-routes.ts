import express, { type Request, type Response, type Router } from 'express';
import { readAudience } from '../../../dashboard/audience.js';
import { findArticles } from '../../../articles/reads.js';
import { NOT_LIVE, sendOperatorDigest } from '../../../deliveries/plan/operator-digest.js';
import { SOON } from '../../../deliveries/preview/coming-articles.js';
import { DEFAULT_ORDER } from '../../../digests/digest.js';
import { readForm } from '../../middleware/read-body.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { asOperator } from '../frame/as-operator.js';
import { actOnce, onceFlashes } from '../frame/once.js';
import { NO_ADDRESS } from './action-flashes.js';
import { describeOthers } from './audience-words.js';
import { describeBefore } from './digest-page.js';
import type { Previews } from './preview/previews.js';
import { testToMe } from './preview/preview-page.js';
import { readMailSummary } from './preview/summary.js';
import { proposeTime, readTime, typedTime, type TimeField } from './time-field.js';

/** What the form says, also where it cannot be used: nothing that was typed is lost. */
type OrderForm = { time: TimeField; others: boolean; mistake?: string };

const MAX_ARTICLES = 50;

/** The page on which new articles are sent at once, or at a chosen time, and its form. */
export function digestOrderRoutes(previews: Previews): Router {
  const router = express.Router();
  router.get('/new', (req, res) => {
    const time = proposeTime(publicationDeskOf(res).publication, previews.context.now());
    return showOrder(previews, req, res, { time, others: false });
  });
  router.post('/', (req, res) => order(previews, req, res));
  return router;
}

async function order(previews: Previews, req: Request, res: Response): Promise<void> {
  const { context } = previews;
  await readForm(req, res);
  const { publication } = publicationDeskOf(res);
  const { others: box, when, at: typed } = (req.body ?? {}) as Record<string, unknown>;
  const others = box === 'on';
  const time = when === 'later' ? readTime(typed, publication, context.now()) : undefined;
  if (time?.kind === 'mistake')
    return showOrder(previews, req, res.status(422), { time: typedTime(typed, time.mistake), others });
  const audience = others ? {} : SOON;
  const numbers = await readAudience(context.db, publication.id, { ...DEFAULT_ORDER, audience });
  if (describeBefore(publication, numbers).stops) {
    const asTyped = time === undefined ? proposeTime(publication, context.now()) : typedTime(typed, '');
    return showOrder(previews, req, res.status(422), { time: asTyped, others, mistake: NO_ADDRESS });
  }
  const sendAt = time?.at;
  const digests = `${deskPath(publication)}/digests`;
  const once = await actOnce(context, req, res, async (db) => {
    const sent = await sendOperatorDigest(asOperator({ ...context, db }, res), publication.id, {
      audience,
      sendAt,
    });
    if (sent.kind !== 'sending') return `${digests}/new?done=${sent.kind}`;
    return `${digests}/${sent.digestId}?done=${sendAt === undefined ? 'ordered' : 'scheduled'}`;
  });
  res.redirect(303, once.kind === 'done' ? once.location : `${digests}/new?done=${once.kind}`);
}

async function showOrder(
  previews: Previews,
  req: Request,
  res: Response,
  { time, others, mistake }: OrderForm,
): Promise<void> {
  const { context } = previews;
  const desk = publicationDeskOf(res);
  const { publication } = desk;
  const audience = await readAudience(context.db, publication.id, { ...DEFAULT_ORDER, audience: SOON });
  const articles = await findArticles(context.db, audience.articleIds.slice(0, MAX_ARTICLES));
  const place = new Map(audience.articleIds.map((id, at) => [id, at]));
  return sendDeskPage(context, res, 'dashboard-digest-new', {
    flash: findFlash(flashes, req.query['done']),
    mistake: mistake ?? time.mistake,
    before: describeBefore(publication, audience),
    mail: await readMailSummary(previews, desk, {
      source: { kind: 'coming', coming: 'now' },
    }),
    recipients: testToMe(desk),
    isLive: publication.liveAt !== null,
    also: describeOthers(audience),
    others,
    time,
    articles: articles
      .toSorted((one, other) => (place.get(one.id) ?? 0) - (place.get(other.id) ?? 0))
      .map(({ title, url }) => ({ title, url })),
  });
}

const flashes: Record<string, string> = {
  ...onceFlashes,
  'nobody-due': 'Nobody is due anything. No digest was made.',
  'not-live': NOT_LIVE,
};
