import express, { type Request, type Response, type Router } from 'express';
import { DIGEST_ACTIONS, type DigestActionEntry } from '../../../deliveries/control/digest-actions.js';
import { digestActions, type DigestAction, type DigestActionResult } from '../../../digests/transition.js';
import type { Context } from '../../../platform/context.js';
import { readForm } from '../../middleware/read-body.js';
import { deskPath, publicationDeskOf } from '../frame/desk.js';
import { asOperator } from '../frame/as-operator.js';
import { actOnce } from '../frame/once.js';
import { readTime, typedTime, type TimeField } from './time-field.js';

type ActionContext = Pick<Context, 'db' | 'now' | 'templates'>;
type OwnContext = ActionContext & Pick<Context, 'actor'>;
type DigestRequest = Request<{ id: string }>;

/** What pressing a button did; `nothing` also where the form names nothing that can be done; `stopped`: it must not go. */
type ActionResult = DigestActionResult | { kind: 'nothing' } | { kind: 'stopped' };

/** Shows the digest's page with what was typed. */
type ShowAgain = (req: DigestRequest, res: Response, time: TimeField) => Promise<void>;

/** Those that send, and go once however often they come. What is unclear is decided by its state: a second time finds none. */
const SENDING: ReadonlySet<DigestAction> = new Set(['approve', 'resume', 'retry']);

/** A digest's buttons. Each leads back to its page, which says what was done. */
export function digestActionRoutes(context: ActionContext, showAgain: ShowAgain): Router {
  const router = express.Router();
  for (const action of digestActions.filter((one) => one !== 'reschedule'))
    router.post(`/:id/${action}`, async (req: DigestRequest, res) => {
      await readForm(req, res);
      const act = async (own: OwnContext) =>
        resultPath(req, res, action, await actOn(own, action, req.params.id, req.body));
      return SENDING.has(action)
        ? redirectOnce(context, req, res, act)
        : res.redirect(303, await act(asOperator(context, res)));
    });

  router.post('/:id/reschedule', async (req: DigestRequest, res) => {
    await readForm(req, res);
    const { at: typed } = (req.body ?? {}) as { at?: unknown };
    const time = readTime(typed, publicationDeskOf(res).publication, context.now());
    if (time.kind === 'mistake') return showAgain(req, res.status(422), typedTime(typed, time.mistake));
    return redirectOnce(context, req, res, async (own) => {
      const done = await DIGEST_ACTIONS.reschedule.act(own, req.params.id, { sendAt: time.at });
      return resultPath(req, res, 'reschedule', done);
    });
  });
  return router;
}

async function redirectOnce(
  context: ActionContext,
  req: DigestRequest,
  res: Response,
  act: (own: OwnContext) => Promise<string>,
): Promise<void> {
  const once = await actOnce(context, req, res, (db) => act(asOperator({ ...context, db }, res)));
  res.redirect(303, once.kind === 'done' ? once.location : `${digestPath(req, res)}?done=${once.kind}`);
}

async function actOn(
  context: OwnContext,
  action: Exclude<DigestAction, 'reschedule'>,
  id: string,
  fields: unknown,
): Promise<ActionResult> {
  const entry: DigestActionEntry<unknown, ActionResult> = DIGEST_ACTIONS[action];
  const input = entry.input.safeParse(fields ?? {});
  if (!input.success) return { kind: 'nothing' };
  const done = await entry.act(context, id, input.data);
  return done.kind === 'refused' && done.isAddressMissing === true ? { kind: 'stopped' } : done;
}

function resultPath(req: DigestRequest, res: Response, action: DigestAction, done: ActionResult): string {
  const told = done.kind === 'done' || done.kind === 'already' ? action : `${action}-${done.kind}`;
  return `${digestPath(req, res)}?${new URLSearchParams({ done: told }).toString()}`;
}

function digestPath(req: DigestRequest, res: Response): string {
  return `${deskPath(publicationDeskOf(res).publication)}/digests/${req.params.id}`;
}
