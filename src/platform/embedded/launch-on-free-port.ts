import type { ServerProcess } from './processes.js';
import type { ServerSettingsStore } from './server-settings-store.js';

const MAX_ATTEMPTS = 5;

/**
 * Launches a server on its port of last time or on a free one. Between our finding a free port and the server's taking
 * it another program may: then the next one is tried. Undefined when the server did not become ready on a port that
 * nobody else had, or on five.
 */
export async function launchOnFreePort(options: {
  name: 'postgres' | 'redis';
  settings: ServerSettingsStore;
  launch(port: number): ServerProcess;
  /** False: it has ended, or took too long. */
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
