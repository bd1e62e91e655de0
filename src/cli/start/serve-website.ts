import { join } from 'node:path';
import { createApp, type DevelopmentPages } from '../../http/app.js';
import { demoRoutes } from '../../http/development/demo/routes.js';
import { demoSite } from '../../http/development/demo/site.js';
import type { HttpServer } from '../../http/server.js';
import type { FindQueueFault } from '../../http/readiness.js';
import { inboxRoutes } from '../../http/development/inbox-routes.js';
import type { Context } from '../../platform/context.js';
import type { Keys } from '../../platform/crypto/keys.js';
import { demoFormOptions, demoPublication, pollDemo } from './demo.js';
import { isLocalOnly } from './is-local-only.js';

/** Serves every route; when only this machine can connect, the demo and the inbox too. */
export function serveWebsite(
  server: HttpServer,
  context: Context,
  keys: Keys,
  findQueueFault: FindQueueFault,
): void {
  const development = isLocalOnly(context.config) ? { development: developmentPages(context) } : {};
  server.serve(createApp(context, keys, { findQueueFault, ...development }));
}

function developmentPages(context: Context): DevelopmentPages {
  const { templates, config } = context;
  return {
    inbox: inboxRoutes({ templates, inboxDir: join(config.dataDir, 'inbox') }),
    demo: demoRoutes({
      templates,
      site: demoSite(config.dataDir),
      publication: () => demoPublication(context),
      offer: () => demoFormOptions(context),
      onPublish: () => pollDemo(context),
    }),
  };
}
