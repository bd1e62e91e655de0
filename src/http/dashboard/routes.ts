import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Keys } from '../../platform/crypto/keys.js';
import { privatePage } from '../middleware/security-headers.js';
import { accountRoutes } from './account/routes.js';
import { articleRoutes } from './articles/article-routes.js';
import { articleHoldRoutes } from './articles/hold-routes.js';
import { createConcurrencyLimit } from '../../platform/process/limit-concurrency.js';
import { digestRoutes } from './digests/routes.js';
import { emailRoutes } from './emails/routes.js';
import { doNotMailRoutes } from './do-not-mail/routes.js';
import { deskOf, deskPath, sendServerPage } from './frame/desk.js';
import { formRoutes } from './form/routes.js';
import { guardDesk } from './frame/guard.js';
import { sendNotFound } from './frame/own-row.js';
import { alertRoutes } from './health/alert-routes.js';
import { circuitRoutes } from './health/circuit-routes.js';
import { failedRowRoutes } from './health/failed-row-routes.js';
import { createHealthMark } from './health/health-mark.js';
import { healthPageRoutes } from './health/health-page-routes.js';
import { hookRoutes } from './health/hooks/hook-routes.js';
import { homeRoutes } from './home/routes.js';
import { importRoutes } from './import/routes.js';
import { lookRoutes } from './look/look-routes.js';
import { welcomeRoutes } from './look/welcome-routes.js';
import { newPublicationRoutes } from './setup/new-publication-routes.js';
import { setUpRoutes } from './setup/set-up-routes.js';
import { settingsRoutes } from './settings/routes.js';
import { readerRoutes } from './readers/routes.js';
import { createAttemptCounter } from './sign-in/attempts.js';
import { confirmRoutes } from './sign-in/confirm-routes.js';
import { invitationRoutes } from './sign-in/invitation-routes.js';
import { recoveryRoutes } from './sign-in/recovery-routes.js';
import { signInRoutes } from './sign-in/routes.js';

export type DashboardContext = Pick<
  Context,
  | 'config'
  | 'db'
  | 'dns'
  | 'fetchPage'
  | 'mailer'
  | 'log'
  | 'now'
  | 'links'
  | 'templates'
  | 'publicUrl'
  | 'hashAddress'
  | 'stopping'
  | 'checkMailDomain'
>;

/**
 * The operators' pages. What each needs is in `frame/access.ts`; about a publication are those below
 * `/publications/:slug`, whose handlers find it, and who asks, on the request's desk.
 */
export function dashboardRoutes(base: DashboardContext, keys: Keys): Router {
  const context = { ...base, keys, attempts: createAttemptCounter({ ...base, keys }) };
  const router = express.Router();
  router.use(privatePage);
  // Under `no-referrer` browsers send `Origin: null` with our own forms too, and `requireSameOrigin` would refuse them.
  router.use((_req, res, next) => {
    res.set('Referrer-Policy', 'same-origin');
    next();
  });
  router.use(guardDesk(context, createHealthMark(base)));

  router.use(signInRoutes(context));
  router.use('/invitation', invitationRoutes(context));
  router.use('/recovery', recoveryRoutes(context));
  router.use('/confirm', confirmRoutes(context));
  router.use('/account', accountRoutes(context));
  router.get('/', (_req, res) => showFirstPublication(context, res));
  router.use('/alerts', alertRoutes(context));
  router.use('/health/hooks', hookRoutes(context));
  router.use('/health', healthPageRoutes(context));
  router.get('/digests/:id', (req, res) => leadToDigest(context, req, res));
  router.use('/publications/new', newPublicationRoutes(context));
  router.use('/publications/:slug', publicationRoutes(context));
  return router;
}

/** Composing a mail takes the processor for some ten milliseconds: whoever looks at many previews keeps no other page waiting. */
const COMPOSING = { max: 2, maxWaiting: 30 };

function publicationRoutes(context: DashboardContext): Router {
  const router = express.Router();
  const previews = { context, limit: createConcurrencyLimit(COMPOSING) };
  router.use(homeRoutes(context));
  router.use('/digests', digestRoutes(context, previews));
  router.use('/emails', emailRoutes(previews));
  router.use('/articles', articleHoldRoutes(context));
  router.use('/articles', articleRoutes(previews));
  router.use('/readers/do-not-mail', doNotMailRoutes(context));
  router.use('/readers/import', importRoutes(context));
  router.use('/readers', readerRoutes(context));
  router.use('/form', formRoutes(context));
  router.use('/look', lookRoutes(context));
  router.use('/look/welcome', welcomeRoutes(context));
  router.use('/settings', settingsRoutes(context));
  router.use('/set-up', setUpRoutes(context));
  router.use('/circuits', circuitRoutes(context));
  router.use('/failed-rows', failedRowRoutes(context));
  return router;
}

/** The short address of a digest's page, which the mails about it have. */
async function leadToDigest(
  context: DashboardContext,
  req: Request<{ id: string }>,
  res: Response,
): Promise<void> {
  const id = z.uuid().safeParse(req.params.id);
  const digest = id.success ? await findDigest(context.db, id.data) : undefined;
  const publication = deskOf(res).publications.find((one) => one.id === digest?.publicationId);
  if (digest === undefined || publication === undefined) return sendNotFound(context, req, res);
  return res.redirect(302, `${deskPath(publication)}/digests/${digest.id}`);
}

function showFirstPublication(context: DashboardContext, res: Response): void {
  const [first] = deskOf(res).publications;
  if (first !== undefined) return res.redirect(303, deskPath(first));
  sendServerPage(context, res, 'dashboard-none', {});
}
