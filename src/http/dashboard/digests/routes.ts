import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import { readDigestDetails } from '../../../dashboard/digest-details.js';
import { readFirstDeliveries, readNamedDeliveries } from '../../../dashboard/named-deliveries.js';
import { deliveryStates } from '../../../deliveries/delivery.js';
import { DIGEST_ACTIONS, type DigestActionEntry } from '../../../deliveries/control/digest-actions.js';
import {
  describeRefusal,
  digestActions,
  type DigestAction,
  type DigestActionResult,
  type Refusal,
} from '../../../digests/transition.js';
import type { Context } from '../../../platform/context.js';
import { isDigestOfPublication } from '../../../digests/reads.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { requireOwn, sendNotFound } from '../frame/own-row.js';
import { circuitFlashes } from '../health/circuit-routes.js';
import { describeDeliveriesPage, describeDigestPage } from './digest-page.js';

type DigestContext = Pick<Context, 'db' | 'now' | 'templates' | 'hashAddress'>;

const FIRST_SHOWN = 10;
const PAGE_SIZE = 100;

const deliveryQuery = z.object({ state: z.enum(deliveryStates), before: z.uuid().optional() });

/** What pressing a button did; `nothing` also where the form names nothing that can be done. */
type ActionResult = DigestActionResult | { kind: 'nothing' };

/** The page of one digest and its buttons. Each button leads back to the page, which says what was done. */
export function digestRoutes(context: DigestContext): Router {
  const router = express.Router();
  router.use('/:id', requireOwn(context, isDigestOfPublication));

  router.get('/:id', async (req, res) => {
    const digest = await readDigestDetails(context, req.params.id);
    if (digest === undefined) return sendNotFound(context, req, res);
    const flash = flashMessage(context, req.query['done'], {
      state: digest.state,
      isTooOld: digest.detailsDeletedAt !== null,
    });
    const deliveries = await readFirstDeliveries(context, digest, FIRST_SHOWN);
    const shown = { flash, operator: publicationDeskOf(res).operator, deliveries };
    return sendDeskPage(context, res, 'dashboard-digest', describeDigestPage(context, digest, shown));
  });

  router.get('/:id/deliveries', async (req, res) => {
    const asked = deliveryQuery.safeParse(req.query);
    const digest = asked.success ? await readDigestDetails(context, req.params.id) : undefined;
    if (digest === undefined || !asked.success) return sendNotFound(context, req, res);
    const where = { ...asked.data, digestId: digest.id, before: asked.data.before, limit: PAGE_SIZE };
    const page = await readNamedDeliveries(context, where);
    const shown = { ...page, ...where, operator: publicationDeskOf(res).operator };
    return sendDeskPage(context, res, 'dashboard-deliveries', describeDeliveriesPage(digest, shown));
  });

  for (const action of digestActions)
    router.post(`/:id/${action}`, async (req: Request<{ id: string }>, res) => {
      await readForm(req, res);
      const { id } = req.params;
      const done = await act(asOperator(context, res), action, id, req.body);
      if (done.kind === 'unknown') return sendNotFound(context, req, res);
      const { publication } = publicationDeskOf(res);
      return res.redirect(303, `${deskPath(publication)}/digests/${id}?${resultQuery(action, done)}`);
    });

  return router;
}

async function act(
  context: DigestContext & Pick<Context, 'actor'>,
  action: DigestAction,
  id: string,
  fields: unknown,
): Promise<ActionResult> {
  const entry: DigestActionEntry<unknown, ActionResult> = DIGEST_ACTIONS[action];
  const input = entry.input.safeParse(fields ?? {});
  return input.success ? entry.act(context, id, input.data) : { kind: 'nothing' };
}

function resultQuery(action: DigestAction, done: ActionResult): string {
  const told = done.kind === 'done' || done.kind === 'already' ? action : `${action}-${done.kind}`;
  return new URLSearchParams({ done: told }).toString();
}

const flashes: Record<string, string> = {
  ...circuitFlashes,
  approve: 'Approved. Its readers are mailed as each is due.',
  pause: 'Paused. Within two seconds nothing more is handed over; who was not sent it waits.',
  resume: 'Resumed. Who was not sent it yet is sent it now.',
  cancel: 'Cancelled. Nobody else is sent it.',
  retry: 'What failed is being tried again. The ledger below fills as mail servers answer.',
  'retry-nothing': 'Nothing of it failed that may be tried again. Nothing was changed.',
  resolve: 'The uncertain mails are settled as you said.',
  'resolve-nothing': 'No mail of it is uncertain any more. Nothing was changed.',
};

function flashMessage({ templates }: DigestContext, done: unknown, digest: Refusal): string | null {
  if (typeof done !== 'string') return null;
  const refused = digestActions.find((action) => done === `${action}-refused`);
  if (refused !== undefined) return describeRefusal(refused, digest, templates.operatorWords);
  return findFlash(flashes, done);
}
