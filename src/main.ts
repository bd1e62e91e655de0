import { createApp, type DevelopmentPages } from './http/app.js';
import type { HttpServer } from './http/server.js';
import type { QueuePing } from './http/health.js';
import type { Context } from './platform/context.js';
import type { Keys } from './platform/crypto/keys.js';

/** Web process: opens the door to every route. */
export function runWeb(
  door: HttpServer,
  context: Context,
  keys: Keys,
  options: { queuePing: QueuePing; development?: DevelopmentPages },
): void {
  door.serve(createApp(context, keys, options));
}
