import compression from 'compression';
import express, { type Express, type Router } from 'express';
import type { Context } from '../platform/context.js';
import type { Keys } from '../platform/keys.js';
import { accentSheet } from './accent-sheet.js';
import { apiRoutes } from './api/routes.js';
import { notFound, onError } from './errors.js';
import { ownHostOnly, sameOriginOnly } from './guard.js';
import { healthRoutes, type QueuePing } from './health.js';
import { feedHookRoutes } from './hooks/feed-hook.js';
import { websubRoutes } from './hooks/websub.js';
import { operatorRoutes } from './operator/routes.js';
import { operatorSession } from './operator/session.js';
import { archiveRoutes } from './public/archive.js';
import { challengeRoutes } from './public/challenges.js';
import { checkInboxRoutes } from './public/check-inbox.js';
import { confirmationRoutes } from './public/confirmations.js';
import { embedRoutes } from './public/embeds.js';
import { ownDataRoutes } from './public/own-data.js';
import { preferenceRoutes } from './public/preferences.js';
import { signUpPageRoutes } from './public/sign-up-pages.js';
import { subscriptionRoutes } from './public/subscriptions.js';
import { unsubscribeRoutes } from './public/unsubscribes.js';
import { requestLog } from './request-log.js';
import { securityHeaders } from './security-headers.js';

/** Pages that exist in development only, by their first word. */
export type DevelopmentPages = { inbox: Router; demo: Router };

/** Door one: every middleware and router, in order. */
export function createApp(
  context: Context,
  keys: Keys,
  { queuePing, development }: { queuePing: QueuePing; development?: DevelopmentPages },
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', trustProxy(context.config.trustProxy));
  app.use(requestLog(context.log));
  app.use(securityHeaders(context.config.production));

  app.use(healthRoutes(context, queuePing));
  app.use(challengeRoutes(context));
  // What everybody may know. A page with somebody's token in it is never compressed: its length would tell of it (BREACH).
  app.use(['/assets', '/embed', '/:pub/archive', '/:pub/feed.xml'], compression());
  app.use(embedRoutes(context));
  app.use(subscriptionRoutes(context));
  app.get('/assets/:file', (req, res, next) => {
    const asset = context.templates.assets.get(req.params.file) ?? accentSheet(req.params.file);
    if (asset === undefined) return next();
    return res.type(asset.type).set('Cache-Control', 'public, max-age=31536000, immutable').send(asset.body);
  });

  const secure = new URL(context.publicUrl).protocol === 'https:';
  app.use(
    '/operator',
    sameOriginOnly(context),
    operatorSession(context, keys, secure),
    operatorRoutes(context),
  );

  app.use('/api/v1', apiRoutes(context));

  if (development !== undefined) {
    app.use('/inbox', ownHostOnly(context), development.inbox);
    app.use('/demo', ownHostOnly(context), development.demo);
  }

  const inbox = allMailStaysHere(context, development)
    ? { name: 'the development inbox', url: '/inbox' }
    : undefined;
  app.use(checkInboxRoutes({ ...context, inbox }));
  app.use(confirmationRoutes(context));
  app.use(ownDataRoutes(context));
  app.use(unsubscribeRoutes(context));
  app.use(preferenceRoutes(context));
  app.use(websubRoutes(context));
  app.use(feedHookRoutes(context));
  app.use(archiveRoutes(context));
  app.use(signUpPageRoutes(context));

  app.use(notFound(context));
  app.use(onError(context));
  return app;
}

function allMailStaysHere({ config }: Context, development: DevelopmentPages | undefined): boolean {
  return development !== undefined && config.smtpUrl === undefined;
}

/** Express takes a number of hops, a list of networks, or true. */
function trustProxy(setting: string | undefined): boolean | number | string {
  if (setting === undefined || setting === 'false') return false;
  if (setting === 'true') return true;
  return /^\d+$/.test(setting) ? Number(setting) : setting;
}
