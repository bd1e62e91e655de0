import express, { type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { singleFlight } from '../../../platform/process/single-flight.js';
import { listPublications } from '../../../publications/reads.js';
import type { FormReceiver } from '../../../subscribers/sign-up/receive-form.js';
import { listmonkFormRoutes } from './listmonk.js';
import { mailchimpFormRoutes } from './mailchimp.js';

/** Forms that were made for another product, and whose address now leads here: they sign up as ours do, with all limits. */
export function otherFormRoutes(
  context: Pick<Context, 'db' | 'now' | 'links' | 'templates'>,
  receiver: FormReceiver,
): Router {
  const list = singleFlight(() => listPublications(context.db));
  const listNewsletters = () => list('');
  const router = express.Router();
  router.use(listmonkFormRoutes(context, receiver, listNewsletters));
  router.use(mailchimpFormRoutes(context, receiver, listNewsletters));
  return router;
}
