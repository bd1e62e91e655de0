import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserFacingError } from '../platform/user-facing-error.js';

/** Of a packed release that npm installed for the whole machine, whose own folder each upgrade replaces. */
const MACHINE_FILE = '/etc/paperround/env';

/**
 * Reads the file with the settings, of which the environment takes the place: `.env`, and for a packed release the one in
 * the folder into which npm installed it, or else that of the machine.
 * @throws UserFacingError when it is there and cannot be read
 */
export function loadSettingsFile(): void {
  for (const file of settingsFiles(fileURLToPath(import.meta.url))) {
    try {
      process.loadEnvFile(file);
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT')
        throw new UserFacingError(
          `${file} has the settings and cannot be read here (${code ?? message}). Nothing was started. Run this as a user who may ` +
            'read it, such as: runuser -u paperround -- paperround …',
        );
    }
  }
}

function settingsFiles(program: string): string[] {
  const at = program.search(/[\\/]node_modules[\\/]/);
  return at === -1 ? ['.env'] : [join(program.slice(0, at), '.env'), MACHINE_FILE];
}
