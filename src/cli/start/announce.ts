import type { Config } from '../../platform/config.js';
import { announceStart } from '../../platform/embedded/data-dir-lock.js';
import { settingsOf } from '../servers.js';

/**
 * Tells commands in other shells that this process runs with its data directory. Where nothing can be written there, as in a
 * container that only serves pages, nobody is told, and all else works.
 * @returns takes it back
 */
export function announce(config: Config, publicUrl: string): () => Promise<void> {
  try {
    const notice = announceStart(config.dataDir, settingsOf(config), publicUrl);
    return async () => notice.remove();
  } catch {
    return async () => {};
  }
}
