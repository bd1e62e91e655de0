import express, { type Router } from 'express';
import { z } from 'zod';
import { resumeTransport } from '../../../deliveries/control/resume-transport.js';
import type { Context } from '../../../platform/context.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf } from '../frame/desk.js';

/** Where the button was: on a digest's page, on that of the server's health, or on the publication's first page. */
const returnToSchema = z
  .object({ digest: z.uuid().optional(), back: z.literal('health').optional() })
  .catch({});

/** The button that closes a circuit. */
export function circuitRoutes(context: Pick<Context, 'db' | 'now'>): Router {
  const router = express.Router();
  router.post('/:id/resume', async (req, res) => {
    await readForm(req, res);
    const id = z.uuid().safeParse(req.params.id);
    const closed = id.success ? await resumeTransport(asOperator(context, res), id.data) : undefined;
    const done = closed === undefined ? 'circuit-closed' : 'circuit-resumed';
    const { digest, back } = returnToSchema.parse(req.body);
    if (back === 'health') return res.redirect(303, `/operator/health?done=${done}`);
    const page = deskPath(publicationDeskOf(res).publication);
    return res.redirect(303, `${page}${digest === undefined ? '' : `/digests/${digest}`}?done=${done}`);
  });
  return router;
}

/** What that page says afterwards, by the query `done`. */
export const circuitFlashes: Record<string, string> = {
  'circuit-resumed':
    'Mail goes there again, and a running worker tries what waited within seconds. A paused digest stays so until you resume it.',
  'circuit-closed': 'It is not left alone any more. Nothing was changed.',
};
