import express, { type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { findPublicationByAnySlug } from '../../../publications/reads.js';
import { allowAllOrigins } from '../../middleware/cors.js';

/** The proof-of-work challenge for forms, while attack mode is on. */
export function challengeRoutes({
  db,
  now,
  proofOfWork,
}: Pick<Context, 'db' | 'now' | 'proofOfWork'>): Router {
  const router = express.Router();
  router.get('/embed/:pub/challenge', async (req, res, next) => {
    const publication = await findPublicationByAnySlug(db, req.params.pub);
    if (publication === undefined || publication.archivedAt !== null) return next();
    const challenge = await proofOfWork.createChallenge(publication.id, now());
    return allowAllOrigins(res).set('Cache-Control', 'no-store').json(challenge);
  });
  return router;
}
