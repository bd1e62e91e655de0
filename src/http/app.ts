import compression from 'compression';
import express, { type Express, type Router } from 'express';
import { actingAs } from '../platform/actor.js';
import { basePathOf } from '../platform/base-path.js';
import type { Context } from '../platform/context.js';
import type { Keys } from '../platform/crypto/keys.js';
import { accentSheet } from './accent-sheet.js';
import { apiRoutes } from './api/routes.js';
import { notFound, onError } from './errors/error-responses.js';
import { requireOwnHost, requireSameOrigin } from './middleware/access-guards.js';
import { healthRoutes } from './health.js';
import { feedHookRoutes } from './hooks/feed.js';
import { providerHookRoutes } from './hooks/provider-routes.js';
import { websubRoutes } from './hooks/websub.js';
import { dashboardRoutes } from './dashboard/routes.js';
import { operatorSession } from './dashboard/sign-in/session.js';
import { archiveRoutes } from './public/archive/routes.js';
import { challengeRoutes } from './public/sign-up/challenge-routes.js';
import { checkInboxRoutes } from './public/sign-up/check-inbox.js';
import { confirmationRoutes } from './public/confirm/routes.js';
import { redirectEarlierSlugs } from './public/earlier-slugs.js';
import { embedRoutes } from './public/embed/routes.js';
import { addressChangeRoutes } from './public/manage/address-change-routes.js';
import { lostLinkRoutes } from './public/manage/lost-link-routes.js';
import { oldLinkRoutes } from './public/old-links/routes.js';
import { otherFormRoutes } from './public/other-forms/routes.js';
import { resumeRoutes } from './public/manage/resume-routes.js';
import { selfServiceRoutes } from './public/manage/self-service-routes.js';
import { expandShortPaths } from './public/manage/short-paths.js';
import { preferenceRoutes } from './public/manage/preference-routes.js';
import { signUpPageRoutes } from './public/sign-up/page-routes.js';
import { subscriptionRoutes } from './public/sign-up/routes.js';
import { blockAddressRoutes } from './public/unsubscribe/block-address-routes.js';
import { unsubscribeRoutes } from './public/unsubscribe/routes.js';
import { createFormReceiver } from '../subscribers/sign-up/receive-form.js';
import { parseTrustProxy, warnOfProxyTrust } from './middleware/proxy-trust.js';
import type { FindQueueFault } from './readiness.js';
import { serveBelow } from './middleware/base-path.js';
import { siteFileRoutes } from './site-files.js';
import { requestLog } from './middleware/request-log.js';
import { securityHeaders } from './middleware/security-headers.js';

/** Pages that exist in development only, by the first word of their path. */
export type DevelopmentPages = { inbox: Router; demo: Router };

/**
 * The web server: every middleware and router, in order. Who changes something is the reader whose link was opened, unless the
 * API and the dashboard know of somebody else.
 */
export function createApp(
  given: Context,
  keys: Keys,
  { findQueueFault, development }: { findQueueFault: FindQueueFault; development?: DevelopmentPages },
): Express {
  const context = actingAs(given, { kind: 'reader' });
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', parseTrustProxy(context.config.trustProxy));
  const basePath = basePathOf(context.publicUrl);
  serveBelow(app, basePath);
  if (context.log.isLevelEnabled('debug')) app.use(requestLog(context.log));
  app.use(warnOfProxyTrust(context.log, context.config.trustProxy));
  app.use(securityHeaders({ hasOwnHost: basePath === '', production: context.config.production }));

  // First, because a thousand may come in a second: each router that is passed costs.
  const receiver = createFormReceiver(context);
  app.use(subscriptionRoutes(context, receiver));
  app.use(otherFormRoutes(context, receiver));
  app.use(healthRoutes(context, findQueueFault));
  app.use(siteFileRoutes(context));
  app.use(challengeRoutes(context));
  // Public pages only: the length of a compressed page gives away a token in it (BREACH, https://breachattack.com).
  app.use(['/assets', '/embed', '/:pub/archive', '/:pub/feed.xml'], compression());
  app.use(embedRoutes(context));
  app.get('/assets/:file', (req, res, next) => {
    const asset = context.templates.assets.get(req.params.file) ?? accentSheet(req.params.file);
    if (asset === undefined) return next();
    // Mails show pictures in origins of their own.
    res.set('Cross-Origin-Resource-Policy', 'cross-origin');
    return res.type(asset.type).set('Cache-Control', 'public, max-age=31536000, immutable').send(asset.body);
  });

  app.use(
    '/operator',
    requireSameOrigin(context),
    operatorSession(context, keys),
    dashboardRoutes(context, keys),
  );

  app.use('/api/v1', apiRoutes(context));

  if (development !== undefined) {
    app.use('/inbox', requireOwnHost(context), development.inbox);
    app.use('/demo', requireOwnHost(context), development.demo);
  }

  const inbox = usesDevelopmentInbox(context, development)
    ? { name: 'the development inbox', url: `${basePath}/inbox` }
    : undefined;
  app.use(checkInboxRoutes({ ...context, inbox }));
  app.use(confirmationRoutes(context));
  app.use(lostLinkRoutes(context));
  app.use(expandShortPaths(context));
  app.use(addressChangeRoutes(context));
  app.use(selfServiceRoutes(context));
  app.use(resumeRoutes(context));
  app.use(oldLinkRoutes(context));
  app.use(unsubscribeRoutes(context));
  app.use(blockAddressRoutes(context));
  app.use(preferenceRoutes(context));
  app.use(websubRoutes(context));
  app.use(feedHookRoutes(context));
  app.use(providerHookRoutes(context));
  app.use(archiveRoutes(context));
  app.use(signUpPageRoutes(context));

  app.use(redirectEarlierSlugs(context));

  app.use(notFound(context));
  app.use(onError(context));
  return app;
}

function usesDevelopmentInbox({ config }: Context, development: DevelopmentPages | undefined): boolean {
  return development !== undefined && config.smtpUrl === undefined;
}
