import { join } from 'node:path';
import type { DevelopmentPages } from '../http/app.js';
import { demoRoutes } from '../http/demo/routes.js';
import { demoSite } from '../http/demo/site.js';
import type { Door } from '../http/door.js';
import type { QueuePing } from '../http/health.js';
import { inboxRoutes } from '../http/inbox/routes.js';
import { runWeb } from '../main.js';
import type { Context } from '../platform/context.js';
import type { Keys } from '../platform/keys.js';
import { demoOffer, demoPublication, pollDemo } from './demo.js';
import { staysHere } from './stays-here.js';

/** Opens the door to every page, on this machine those of the demo and the inbox among them. */
export function openSite(door: Door, context: Context, keys: Keys, queuePing: QueuePing): void {
  const development = staysHere(context.config) ? { development: developmentPages(context) } : {};
  runWeb(door, context, keys, { queuePing, ...development });
}

function developmentPages(context: Context): DevelopmentPages {
  const { templates, config } = context;
  return {
    inbox: inboxRoutes({ templates, inboxDir: join(config.dataDir, 'inbox') }),
    demo: demoRoutes({
      templates,
      site: demoSite(config.dataDir),
      publication: () => demoPublication(context),
      offer: () => demoOffer(context),
      onPublish: () => pollDemo(context),
    }),
  };
}
