import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries.js';
import { UserFacingError } from '../user-facing-error.js';
import { syncDirectory } from '../process/write-file.js';
import { runCommand } from './processes.js';
import type { ServerSetup } from './setup.js';

/** The files of one Postgres: `directory` is a real path; `spawnPlace` is how its programs are started there. */
export type PostgresCluster = {
  directory: string;
  password: string;
  spawnPlace: { runAs: ServerSetup['runAs']; cwd: string; searchPath: string; dataArgument: string };
};

const UNFINISHED_PREFIX = 'postgres.new-';

/**
 * The cluster in `<dataDir>/postgres`, with a database and a superuser called paperround; created when there is none. It is
 * created under another name and then renamed, so that an interrupted start leaves no incomplete one.
 */
export async function prepareCluster(
  setup: ServerSetup,
  binaries: PostgresBinaries,
): Promise<PostgresCluster> {
  const directory = join(setup.dataDir, 'postgres');
  await removeUnfinished(setup.dataDir);
  const known = setup.settings.password('postgres');
  const password = known ?? randomBytes(18).toString('base64url');
  if (!existsSync(join(directory, 'PG_VERSION'))) await createCluster(setup, binaries, directory, password);
  await requireSameMajorVersion(directory, binaries);
  return { directory: await realpath(directory), password, spawnPlace: spawnPlaceOf(setup, directory) };
}

/** Gives a stopped cluster a new password, for when the file with the old one is lost. */
export async function setPassword(
  setup: ServerSetup,
  binaries: PostgresBinaries,
  cluster: PostgresCluster,
): Promise<void> {
  await runSingleUser(setup, binaries, cluster.directory, [alterRoleSql(cluster.password)]);
}

async function createCluster(
  setup: ServerSetup,
  binaries: PostgresBinaries,
  directory: string,
  password: string,
): Promise<void> {
  setup.report('Preparing a private Postgres (first start only)');
  const draft = join(setup.dataDir, `${UNFINISHED_PREFIX}${randomBytes(6).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  if (setup.runAs !== undefined) await chown(draft, setup.runAs.uid, setup.runAs.gid);
  await runInitdb(setup, binaries, draft);
  await runSingleUser(setup, binaries, draft, ['create database paperround', alterRoleSql(password)]);
  await rename(draft, directory).catch((cause: unknown) => {
    const sentence = `${directory} is there, but holds no Postgres data. Move it away, then start Paperround again.`;
    throw new UserFacingError(sentence, { cause });
  });
  syncDirectory(setup.dataDir);
  setup.settings.storePassword('postgres', password);
}

/**
 * Local connections use peer authentication, so initdb needs no password file; the server opens no socket for them. TCP
 * needs a password.
 */
async function runInitdb(setup: ServerSetup, binaries: PostgresBinaries, directory: string): Promise<void> {
  const { dataArgument, ...place } = spawnPlaceOf(setup, directory);
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8'];
  const login = ['--username=paperround', '--auth-local=peer', '--auth-host=scram-sha-256'];
  const sync = setup.ephemeral ? ['--no-sync'] : [];
  const args = ['-D', dataArgument, '--no-instructions', ...locale, ...login, ...sync];
  const { code, output } = await runCommand(binaries.initdb, args, { ...place, reaper: setup.reaper });
  if (code === 0) return;
  await rm(directory, { recursive: true, force: true });
  throw new UserFacingError(
    `The private Postgres could not be prepared in ${setup.dataDir}; nothing was kept. ` +
      `Mend what initdb says below, or set DATABASE_URL to a Postgres of your own.\n${output.slice(-2000).trim()}`,
  );
}

/** Runs statements in single-user mode, so that nobody can connect before the password is set. */
async function runSingleUser(
  setup: ServerSetup,
  binaries: PostgresBinaries,
  directory: string,
  statements: string[],
): Promise<void> {
  const { dataArgument, ...place } = spawnPlaceOf(setup, directory);
  const fsync = setup.ephemeral ? ['-c', 'fsync=off'] : [];
  const args = ['--single', '-D', dataArgument, '-c', 'exit_on_error=on', ...fsync, 'postgres'];
  const input = `${statements.join('\n')}\n`;
  const { code, output } = await runCommand(binaries.postgres, args, {
    ...place,
    input,
    reaper: setup.reaper,
  });
  if (code !== 0) throw new Error(`postgres --single failed: ${output.slice(-2000)}`);
}

const alterRoleSql = (password: string) => `alter role paperround password '${password}'`;

/**
 * How to start programs in a directory that `runAs` cannot reach from the root of the file system, as below /root. The working
 * directory is entered before the user changes, and Linux lets the process name it /proc/self/cwd (proc_pid_cwd(5)).
 */
function spawnPlaceOf(
  { runAs, isReachable, searchPath }: ServerSetup,
  directory: string,
): PostgresCluster['spawnPlace'] {
  return { runAs, cwd: directory, searchPath, dataArgument: isReachable ? directory : '/proc/self/cwd' };
}

async function removeUnfinished(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith(UNFINISHED_PREFIX));
  for (const name of names) await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 5 });
}

async function requireSameMajorVersion(directory: string, binaries: PostgresBinaries): Promise<void> {
  const made = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
  const [ours] = binaries.version.split('.');
  if (made === ours) return;
  throw new UserFacingError(
    `${directory} was made by Postgres ${made}, and this Paperround brings Postgres ${ours}, which cannot read it. ` +
      `The data was not touched. Run the Paperround that made it, or set DATA_DIR to a new folder to begin anew.`,
  );
}
