import type { ServerProcess } from './processes.js';
import type { ServerSettingsStore } from './server-settings-store.js';

const MAX_ATTEMPTS = 5;

/**
 * Launches a server on the port that it had last time, or on a free one. Another program may take the port before the server
 * does: then another is tried, up to five. Undefined when the server did not become ready, although its port was free or five
 * ports were tried.
 */
export async function launchOnFreePort(options: {
  name: 'postgres' | 'redis';
  settings: ServerSettingsStore;
  launch(port: number): ServerProcess;
  /** Resolves with false when it has ended, or takes too long. */
  waitUntilReady(server: ServerProcess, port: number): Promise<boolean>;
}): Promise<{ server: ServerProcess; port: number } | undefined> {
  const { name, settings, launch, waitUntilReady } = options;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const port = await settings.reservePort(name);
    const server = launch(port);
    if (await waitUntilReady(server, port)) return { server, port };
    await server.stop();
    const wasTaken = (await settings.reservePort(name)) !== port;
    if (!wasTaken) return undefined;
  }
  return undefined;
}
