import type { FindQueueFault } from '../../src/http/readiness.js';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/http/app.js';
import type { Context } from '../../src/platform/context.js';
import type { Keys } from '../../src/platform/crypto/keys.js';

/** Another web process beside the application's own: with other keys, another address, or a queue that is away. */
export async function startWebServer(
  context: Context,
  keys: Keys,
  findQueueFault: FindQueueFault = async () => undefined,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(createApp(context, keys, { findQueueFault }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}
