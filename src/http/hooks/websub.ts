import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import { findFeed } from '../../articles/feeds/reads.js';
import type { Feed } from '../../articles/feeds/feed.js';
import { acceptHubNotification, verifyHubSubscription } from '../../articles/feeds/websub.js';
import type { Context } from '../../platform/context.js';
import { streamBody } from '../middleware/read-body.js';

const querySchema = z.object({
  'hub.mode': z.enum(['subscribe', 'denied']),
  'hub.topic': z.string().max(2000),
  'hub.challenge': z.string().max(2000).default(''),
  'hub.lease_seconds': z.coerce.number().int().min(0).max(1e9).catch(0),
});

/** The largest feed that is read, as for polling. */
const MAX_PUSH_BYTES = 5 * 1024 * 1024;

/** The callback that hubs verify subscriptions with and push new articles to (W3C WebSub, sections 5.3 and 7). */
export function websubRoutes(context: Pick<Context, 'db' | 'now' | 'links'>): Router {
  const router = express.Router();

  // The hub verifies by GET (section 5.3). This GET changes something, but only confirms what we requested ourselves.
  router.get('/websub/:feed', async (req, res, next) => {
    const feed = await feedOf(context, req);
    const query = querySchema.safeParse(req.query).data;
    if (feed === undefined || query === undefined) return next();
    const asked = {
      mode: query['hub.mode'],
      topic: query['hub.topic'],
      challenge: query['hub.challenge'],
      leaseSeconds: query['hub.lease_seconds'],
    };
    if (!(await verifyHubSubscription(context, feed.id, asked))) return next();
    return res.type('text/plain').set('Cache-Control', 'no-store').send(asked.challenge);
  });

  // 202 also for a wrong signature, so that strangers cannot try out signatures (section 7.1).
  router.post('/websub/:feed', async (req, res, next) => {
    const feed = await feedOf(context, req);
    if (feed === undefined) return next();
    const body = streamBody(req, res, MAX_PUSH_BYTES);
    await acceptHubNotification(context, feed, req.get('x-hub-signature'), body);
    return res.status(202).end();
  });

  return router;
}

async function feedOf({ db }: Pick<Context, 'db'>, { params }: Request): Promise<Feed | undefined> {
  const id = z.uuid().safeParse(params['feed']).data;
  return id === undefined ? undefined : findFeed(db, id);
}
