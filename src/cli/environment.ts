import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError, settingNames } from '../platform/config.js';
import { hasErrorCode } from '../platform/embedded/files.js';
import type { SettingsPlaces } from '../platform/process/program-folder.js';
import { UserFacingError } from '../platform/user-facing-error.js';

type Environment = Record<string, string | undefined>;

/**
 * The environment, and below it the file with the settings. A relative DATA_DIR of that file is in its folder, so that every
 * shell means the same one. With NODE_ENV=test no file is read.
 * @throws ConfigError for a file that loses a part of a value; UserFacingError for one that cannot be read
 */
export function readEnvironment(environment: Environment, places: SettingsPlaces, cwd: string): Environment {
  const given = withoutBlank(environment);
  const file = given['NODE_ENV'] === 'test' ? undefined : findSettingsFile(places);
  const settings = file === undefined ? {} : withoutBlank(parseSettings(file.text, file.path));
  const fromFile = settings['DATA_DIR'] === undefined ? undefined : dirname(file?.path ?? '');
  const home = fromFile ?? places.dataHome ?? cwd;
  const dataDir = given['DATA_DIR'] ?? pathFrom(cwd, resolve(home, settings['DATA_DIR'] ?? '.data'));
  return { ...settings, ...given, DATA_DIR: dataDir };
}

/** A sentence about a `.env` in the current folder that names settings of ours, and is none that is read. */
export function findUnreadEnvFile({ files }: SettingsPlaces, cwd: string): string[] {
  const here = join(cwd, '.env');
  if (files.some((file) => resolve(file) === resolve(here))) return [];
  try {
    const names = Object.keys(parseEnv(readFileSync(here, 'utf8')));
    if (!names.some((name) => settingNames.includes(name))) return [];
    return [`${here} is not read: settings are in ${files[0]}, or in the environment.`];
  } catch {
    return [];
  }
}

function findSettingsFile({ files }: SettingsPlaces): { path: string; text: string } | undefined {
  for (const path of files) {
    const text = readIfThere(path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserFacingError(
      `${path} has the settings and cannot be read here (${code ?? message}). Nothing was started. Run this as a user who may ` +
        'read it, such as: runuser -u paperround -- paperround …',
    );
  }
}

/** Outside of quotes a # begins a comment, also in the middle of a password: the value would end there without a word. */
const LOST_PART = /^\s*(?:export\s+)?(\w+)\s*=\s*[^\s"'`#][^#]*[^\s#]#/;

function parseSettings(text: string, path: string): Environment {
  const mistakes = text
    .split('\n')
    .map((line) => LOST_PART.exec(line)?.[1] ?? '')
    .filter((name) => settingNames.includes(name))
    .map(
      (name) =>
        `${name} in ${path} has a # outside of quotes, and what follows it is not read: put the value in quotes, and in an ` +
        'address write %23 for the # of a password.',
    );
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return parseEnv(text);
}

/** An empty variable counts as absent. */
function withoutBlank(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
}

/** A path as it is written in this folder. */
function pathFrom(cwd: string, path: string): string {
  const written = relative(cwd, path);
  return written === '' || written.startsWith('..') || isAbsolute(written) ? path : written;
}
