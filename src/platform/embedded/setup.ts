import type { ServerSettingsStore } from './server-settings-store.js';
import type { RunAs } from './processes.js';
import type { Reaper } from './reaper.js';

/** What is the same for all private servers of a data directory. */
export type ServerSetup = {
  dataDir: string; // absolute, no symbolic links
  runAs: RunAs | undefined; // only when we are root
  isReachable: boolean; // false: runAs cannot walk to dataDir from the root of the file system
  ephemeral: boolean;
  searchPath: string; // as in PATH
  settings: ServerSettingsStore;
  reaper: Reaper;
  report: (line: string) => void;
};
