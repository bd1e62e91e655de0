import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { readDigestDetails, type DigestDetails } from '../../../dashboard/digest-details.js';
import { readFirstDeliveries, readNamedDeliveries } from '../../../dashboard/named-deliveries.js';
import { deliveryStates, NO_DELIVERIES } from '../../../deliveries/delivery.js';
import { findDraftOfDigest, findOpenDraft } from '../../../digests/drafts/reads.js';
import { findDigestPublication } from '../../../digests/reads.js';
import type { Context } from '../../../platform/context.js';
import { publicationDeskOf, sendDeskPage, type PublicationDesk } from '../frame/desk.js';
import { requireOwn, sendNotFound } from '../frame/own-row.js';
import { digestActionRoutes } from './action-routes.js';
import { actionFlash } from './action-flashes.js';
import { describeDeliveriesPage, describeDigestPage } from './digest-page.js';
import { showDigestList } from './digest-list.js';
import { digestOrderRoutes } from './order-routes.js';
import type { PreviewContext, Previews } from './preview/previews.js';
import { comingPreviewRoutes, previewRoutes } from './preview/routes.js';
import { testToMe } from './preview/preview-page.js';
import { readMailSummary } from './preview/summary.js';
import { countDone, isMoving } from './digest-state.js';
import { createPaces, type Paces } from './progress/pace.js';
import { progressRoutes } from './progress/routes.js';
import { proposeTime, type TimeField } from './time-field.js';

type DigestContext = PreviewContext & Pick<Context, 'stopping'>;

const FIRST_SHOWN = 10;
const PAGE_SIZE = 100;

const deliveryQuery = z.object({ state: z.enum(deliveryStates), before: z.uuid().optional() });

/** The list of digests, the order of one, the page of each with its buttons, and the people behind its numbers. */
export function digestRoutes(context: DigestContext, previews: Previews): Router {
  const router = express.Router();
  const paces = createPaces(context.now);
  const shown = { previews, paces };
  router.get('/', (req, res) => showDigestList(context, req, res));
  router.use(digestOrderRoutes(previews));
  router.use(comingPreviewRoutes(previews));
  router.use('/:id', requireOwn(context, findDigestPublication));
  router.get('/:id', (req, res) => showDigest(shown, req, res));
  router.use(previewRoutes(previews));
  router.use(progressRoutes(context, paces));
  router.get('/:id/deliveries', (req, res) => showDeliveries(context, req, res));
  router.use(digestActionRoutes(context, (req, res, time) => showDigest(shown, req, res, time)));
  return router;
}

/** @param time as it was typed, where that cannot be used */
async function showDigest(
  { previews, paces }: { previews: Previews; paces: Paces },
  req: Request<{ id: string }>,
  res: Response,
  time?: TimeField,
): Promise<void> {
  const { context } = previews;
  const digest = await readDigestDetails(context, req.params.id);
  if (digest === undefined) return sendNotFound(context, req, res);
  const flash = actionFlash(context, req.query['done'], {
    state: digest.state,
    isTooOld: digest.detailsDeletedAt !== null,
  });
  const { publication, counts } = digest;
  // What needs no eye is behind its number.
  const { deferred, rejected, uncertain } = counts;
  const looked = { id: digest.id, counts: { ...NO_DELIVERIES, deferred, rejected, uncertain } };
  const deliveries = await readFirstDeliveries(context, looked, FIRST_SHOWN);
  const desk = publicationDeskOf(res);
  const { role } = desk;
  const isSending = digest.state === 'sending';
  const follows = isMoving(digest, context.now());
  const done = countDone(counts);
  const pace = isSending ? paces.measure(digest.id, done, counts.planned - done) : undefined;
  const shown = { flash, role, deliveries, pace, time: time ?? proposeTime(publication, context.now()) };
  return sendDeskPage(context, res, 'dashboard-digest', {
    ...describeDigestPage(context, digest, shown),
    refreshes: follows && req.query['refresh'] !== 'off',
    stays: follows && req.query['refresh'] === 'off',
    mail: await summaryOf(previews, desk, digest),
    writing: await readWriting(context, digest),
    recipients: testToMe(desk),
  });
}

/** What is written for it, or how that is begun; null: it has begun, or it is an order. */
async function readWriting(
  { db }: Pick<Context, 'db'>,
  { id, publication, cadence, period, audience }: DigestDetails,
): Promise<{ draftId: string | null; isIn: boolean; value: string } | null> {
  const used = await findDraftOfDigest(db, id);
  if (used !== undefined) return { draftId: used.id, isIn: true, value: '' };
  if (audience === undefined || cadence === 'operator' || cadence === 'instant') return null;
  const rhythm = { publicationId: publication.id, cadence };
  const open =
    (await findOpenDraft(db, { ...rhythm, period })) ??
    (await findOpenDraft(db, { ...rhythm, period: null }));
  return { draftId: open?.id ?? null, isIn: false, value: `${cadence} ${period}` };
}

/** Of one that has not begun. */
async function summaryOf(previews: Previews, desk: PublicationDesk, { id, audience }: DigestDetails) {
  if (audience === undefined) return null;
  const source = { kind: 'digest' as const, digestId: id };
  return readMailSummary(previews, desk, { source });
}

async function showDeliveries(
  context: DigestContext,
  req: Request<{ id: string }>,
  res: Response,
): Promise<void> {
  const asked = deliveryQuery.safeParse(req.query);
  const digest = asked.success ? await readDigestDetails(context, req.params.id) : undefined;
  if (digest === undefined || !asked.success) return sendNotFound(context, req, res);
  const where = { ...asked.data, digestId: digest.id, before: asked.data.before, limit: PAGE_SIZE };
  const page = await readNamedDeliveries(context, where);
  const shown = { ...page, ...where, role: publicationDeskOf(res).role };
  return sendDeskPage(context, res, 'dashboard-deliveries', describeDeliveriesPage(digest, shown));
}
