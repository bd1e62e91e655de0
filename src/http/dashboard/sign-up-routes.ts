import express from 'express';
import type { Response, Router } from 'express';
import { z } from 'zod';
import type { Context } from '../../platform/context.js';
import { findPublicationByAnySlug } from '../../publications/reads.js';
import { deleteHeldSignUps, releaseHeldSignUps } from '../../subscribers/sign-up/held.js';
import { setAttackMode } from '../../subscribers/attack/set-attack-mode.js';
import { sendError } from '../errors/error-responses.js';
import { signedInOperator } from '../middleware/access-guards.js';
import { readForm } from '../middleware/read-body.js';
import { choosePublication } from './choose-publication.js';
import { renderSignUpPage } from './sign-up-page.js';
import type { HeldSelection } from '../../subscribers/sign-up/request.js';

type SignUpContext = Pick<Context, 'db' | 'now' | 'templates'>;

const signUpActionSchema = z.object({
  publication: z.string(),
  switch: z.enum(['on', 'off']).optional(),
  /** The one sign-up to decide; absent: all of `reason`, or all there are. */
  id: z.uuid().optional(),
  reason: z.string().max(40).optional(),
});
type SignUpAction = z.infer<typeof signUpActionSchema>;

/** The page about sign-ups, with buttons to decide held ones and to begin and end attack mode. */
export function signUpRoutes(context: SignUpContext): Router {
  const { db } = context;
  const router = express.Router();

  router.get('/', async (req, res) => {
    const { publication: slug, before, done, count } = req.query;
    const publication = await choosePublication(context, slug);
    if (publication === undefined) return sendError(context, req, res, { status: 404, page: 'notFound' });
    const asked = {
      before: z.uuid().safeParse(before).data,
      flash: flashMessage(done, Number(count)),
      operator: signedInOperator(res),
    };
    return res.type('html').send(await renderSignUpPage(context, publication, asked));
  });

  const press = (verb: string, act: (body: SignUpAction, publicationId: string) => Promise<ActionResult>) =>
    router.post(`/${verb}`, async (req, res) => {
      await readForm(req, res);
      const body = signUpActionSchema.safeParse(req.body);
      const publication = body.success
        ? await findPublicationByAnySlug(db, body.data.publication)
        : undefined;
      if (!body.success || publication === undefined)
        return sendError(context, req, res, { status: 404, page: 'notFound' });
      return redirectToSignUps(res, publication.slug, await act(body.data, publication.id));
    });
  press('release', async (body, id) => ({
    done: 'released',
    count: await releaseHeldSignUps(context, selectHeldSignUps(body, id)),
  }));
  press('delete', async (body, id) => ({
    done: 'deleted',
    count: await deleteHeldSignUps(context, selectHeldSignUps(body, id)),
  }));
  press('attack', async (body, id) => {
    await setAttackMode(context, id, body.switch === 'on');
    return { done: `attack-${body.switch ?? 'off'}` };
  });

  return router;
}

type ActionResult = { done: string; count?: number };

function selectHeldSignUps({ id, reason }: SignUpAction, publicationId: string): HeldSelection {
  return id === undefined ? { publicationId, reason } : { id };
}

function redirectToSignUps(res: Response, publication: string, { done, count }: ActionResult): void {
  const query = new URLSearchParams({
    publication,
    done,
    ...(count === undefined ? {} : { count: `${count}` }),
  });
  res.redirect(303, `/operator/sign-ups?${query.toString()}`);
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
