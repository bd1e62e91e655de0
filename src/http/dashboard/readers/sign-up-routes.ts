import express from 'express';
import type { Response, Router } from 'express';
import { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { deleteHeldSignUps, releaseHeldSignUps } from '../../../subscribers/sign-up/held.js';
import { setAttackMode } from '../../../subscribers/attack/set-attack-mode.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';
import { describeSignUpPage } from './sign-up-page.js';
import type { HeldSelection } from '../../../subscribers/sign-up/request.js';

type SignUpContext = Pick<Context, 'db' | 'now' | 'templates'>;

const signUpActionSchema = z.object({
  switch: z.enum(['on', 'off']).optional(),
  /** The one sign-up to decide; absent: all of `reason`, or all there are. */
  id: z.uuid().optional(),
  reason: z.string().max(40).optional(),
});
type SignUpAction = z.infer<typeof signUpActionSchema>;

/** The page about sign-ups, with buttons to decide held ones and to begin and end attack mode. */
export function signUpRoutes(context: SignUpContext): Router {
  const router = express.Router();

  router.get('/held', async (req, res) => {
    const { before, done, count } = req.query;
    const { publication, role } = publicationDeskOf(res);
    const asked = { before: z.uuid().safeParse(before).data, role };
    const flash = flashMessage(done, Number(count));
    const shown = await describeSignUpPage(context, publication, asked);
    return sendDeskPage(context, res, 'dashboard-sign-ups', { ...shown, flash });
  });

  const press = (path: string, act: SignUpAct) =>
    router.post(path, async (req, res) => {
      await readForm(req, res);
      const { publication } = publicationDeskOf(res);
      const body = signUpActionSchema.safeParse(req.body ?? {});
      if (!body.success) return sendNotFound(context, req, res);
      return redirectToSignUps(
        res,
        publication,
        await act(asOperator(context, res), body.data, publication.id),
      );
    });
  press('/held/release', async (acting, body, id) => ({
    done: 'released',
    count: await releaseHeldSignUps(acting, selectHeldSignUps(body, id)),
  }));
  press('/held/delete', async (acting, body, id) => ({
    done: 'deleted',
    count: await deleteHeldSignUps(acting, selectHeldSignUps(body, id)),
  }));
  press('/attack', async (acting, body, id) => {
    await setAttackMode(acting, id, body.switch === 'on');
    return { done: `attack-${body.switch ?? 'off'}` };
  });

  return router;
}

type ActionResult = { done: string; count?: number };
type SignUpAct = (
  context: SignUpContext & Pick<Context, 'actor'>,
  body: SignUpAction,
  publicationId: string,
) => Promise<ActionResult>;

function selectHeldSignUps({ id, reason }: SignUpAction, publicationId: string): HeldSelection {
  return id === undefined ? { publicationId, reason } : { publicationId, id };
}

function redirectToSignUps(res: Response, publication: Publication, { done, count }: ActionResult): void {
  const query = new URLSearchParams({ done, ...(count === undefined ? {} : { count: `${count}` }) });
  res.redirect(303, `${deskPath(publication)}/readers/held?${query.toString()}`);
}

const flashes: Record<string, (count: number) => string> = {
  released: (count) =>
    count === 1
      ? 'One sign-up is released: its mail goes out now.'
      : `${count} sign-ups are released: their mails go out now.`,
  deleted: (count) =>
    count === 1
      ? 'One sign-up is deleted. Nobody was mailed.'
      : `${count} sign-ups are deleted. Nobody was mailed.`,
  'attack-on': () => 'Attack mode is on. Forms ask for a second of work from now on.',
  'attack-off': () => 'Attack mode is off. It does not begin again by itself for 24 hours.',
};

function flashMessage(done: unknown, count: number): string | null {
  if (typeof done !== 'string' || !Object.hasOwn(flashes, done)) return null;
  if (count === 0) return 'None of them waited any more. Nothing was changed.';
  return flashes[done]?.(Number.isSafeInteger(count) ? count : 1) ?? null;
}
