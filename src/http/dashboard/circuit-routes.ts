import express, { type Router } from 'express';
import { z } from 'zod';
import { resumeTransport } from '../../deliveries/control/resume-transport.js';
import type { Context } from '../../platform/context.js';
import { readForm } from '../middleware/read-body.js';

/** Which page the button was on, to return there: a digest's, else a publication's overview. */
const returnToSchema = z
  .object({ digest: z.uuid().optional(), publication: z.string().optional() })
  .catch({});

/** The button that closes a circuit. */
export function circuitRoutes(context: Pick<Context, 'db' | 'now'>): Router {
  const router = express.Router();
  router.post('/:id/resume', async (req, res) => {
    await readForm(req, res);
    const id = z.uuid().safeParse(req.params.id);
    const closed = id.success ? await resumeTransport(context, id.data) : undefined;
    const done = closed === undefined ? 'circuit-closed' : 'circuit-resumed';
    return res.redirect(303, returnUrl(returnToSchema.parse(req.body), done));
  });
  return router;
}

function returnUrl({ digest, publication }: z.infer<typeof returnToSchema>, done: string): string {
  if (digest !== undefined) return `/operator/digests/${digest}?done=${done}`;
  const query = new URLSearchParams({ ...(publication === undefined ? {} : { publication }), done });
  return `/operator?${query.toString()}`;
}

/** What that page says afterwards, by the query `done`. */
export const circuitFlashes: Record<string, string> = {
  'circuit-resumed':
    'Mail goes there again, and a running worker tries what waited within seconds. A paused digest stays so until you resume it.',
  'circuit-closed': 'It is not left alone any more. Nothing was changed.',
};
