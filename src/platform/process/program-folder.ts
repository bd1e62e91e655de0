import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of a packed release that npm installed for the whole machine, whose own folder each upgrade replaces. */
const MACHINE_FILE = '/etc/paperround/env';

/** Where settings are kept, wherever one stands. */
export type SettingsPlaces = {
  /** The file is the first of these that is there. */
  files: string[];
  /** What a relative DATA_DIR is in, and the one that nobody named. Undefined: the current folder. */
  dataHome: string | undefined;
};

/** The folder of our package.json, from the sources and from what is compiled of them. */
export function findPackageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/**
 * `.env` beside the program: in the checkout; for a packed release in the folder into which npm installed it, or else the
 * file of the machine. The data are there too, unless it was installed for the whole machine.
 */
export function findSettingsPlaces(packageFolder = findPackageFolder()): SettingsPlaces {
  const at = packageFolder.search(/[\\/]node_modules[\\/]/);
  if (at === -1) return { files: [join(packageFolder, '.env')], dataHome: packageFolder };
  const project = packageFolder.slice(0, at);
  const isProject = existsSync(join(project, 'package.json'));
  return { files: [join(project, '.env'), MACHINE_FILE], dataHome: isProject ? project : undefined };
}

export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(findPackageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
