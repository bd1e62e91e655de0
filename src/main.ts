import { createApp, type DevelopmentPages } from './http/app.js';
import type { Door } from './http/door.js';
import type { QueuePing } from './http/health.js';
import type { Context } from './platform/context.js';
import type { Keys } from './platform/keys.js';

/** Web process: opens the door to every route. */
export function runWeb(
  door: Door,
  context: Context,
  keys: Keys,
  options: { queuePing: QueuePing; development?: DevelopmentPages },
): void {
  door.open(createApp(context, keys, options));
}
