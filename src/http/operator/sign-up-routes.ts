import express, { type RequestHandler, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Context } from '../../platform/context.js';
import { findPublicationBySlug, listPublications } from '../../publications/reads.js';
import { deleteHeld } from '../../subscribers/delete-held.js';
import type { WhichHeld } from '../../subscribers/held.js';
import { releaseHeld } from '../../subscribers/release-held.js';
import { switchAttack } from '../../subscribers/switch-attack.js';
import { answerError } from '../errors.js';
import { operatorOf } from '../guard.js';
import { signUpView } from './sign-up-view.js';

type SignUpContext = Pick<Context, 'db' | 'now' | 'templates'>;

const pressed = z.object({
  publication: z.string(),
  switch: z.enum(['on', 'off']).optional(),
  /** Of one; without it, all of a reason or all there are. */
  id: z.uuid().optional(),
  reason: z.string().max(40).optional(),
});
type Pressed = z.infer<typeof pressed>;

/** Sign-ups: how many came, which wait for a person, and whether forms ask for work first. */
export function signUpRoutes(context: SignUpContext, form: RequestHandler): Router {
  const { db } = context;
  const router = express.Router();

  router.get('/', async (req, res) => {
    const { publication: slug, before, done, count } = req.query;
    const publication =
      typeof slug === 'string' ? await findPublicationBySlug(db, slug) : (await listPublications(db))[0];
    if (publication === undefined) return answerError(context, req, res, { status: 404, page: 'notFound' });
    const asked = {
      before: z.uuid().safeParse(before).data,
      flash: flashOf(done, Number(count)),
      operator: operatorOf(res),
    };
    return res.type('html').send(await signUpView(context, publication, asked));
  });

  const press = (verb: string, act: (body: Pressed, publicationId: string) => Promise<Done>) =>
    router.post(`/${verb}`, form, async (req, res) => {
      const body = pressed.safeParse(req.body);
      const publication = body.success ? await findPublicationBySlug(db, body.data.publication) : undefined;
      if (!body.success || publication === undefined)
        return answerError(context, req, res, { status: 404, page: 'notFound' });
      return backTo(res, publication.slug, await act(body.data, publication.id));
    });
  press('release', async (body, id) => ({
    done: 'released',
    count: await releaseHeld(context, chosen(body, id)),
  }));
  press('delete', async (body, id) => ({
    done: 'deleted',
    count: await deleteHeld(context, chosen(body, id)),
  }));
  press('attack', async (body, id) => {
    await switchAttack(context, id, body.switch === 'on');
    return { done: `attack-${body.switch ?? 'off'}` };
  });

  return router;
}

type Done = { done: string; count?: number };

function chosen({ id, reason }: Pressed, publicationId: string): WhichHeld {
  return id === undefined ? { publicationId, reason } : { id };
}

function backTo(res: Response, publication: string, { done, count }: Done): void {
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

function flashOf(done: unknown, count: number): string | null {
  if (typeof done !== 'string' || !Object.hasOwn(flashes, done)) return null;
  if (count === 0) return 'None of them waited any more. Nothing was changed.';
  return flashes[done]?.(Number.isSafeInteger(count) ? count : 1) ?? null;
}
