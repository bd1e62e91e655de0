import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { ExplainedError } from '../explained-error.js';
import { run } from './processes.js';
import type { Setup } from './setup.js';

/** The files of one Postgres: `directory` as we know it, `place` as its programs are to be started. */
export type Cluster = {
  directory: string;
  password: string;
  place: { runAs: Setup['runAs']; cwd: string; path: string; dataArgument: string };
};

const unfinished = 'postgres.new-';

/**
 * The cluster in `<dataDir>/postgres` with a database and a superuser called paperround, made when there is none.
 * It is made beside and then renamed, so a start that is interrupted leaves no half of it.
 */
export async function prepareCluster(setup: Setup, binaries: Binaries): Promise<Cluster> {
  const directory = join(setup.dataDir, 'postgres');
  await removeUnfinished(setup.dataDir);
  const known = setup.memory.password('postgres');
  const password = known ?? randomBytes(18).toString('base64url');
  if (!existsSync(join(directory, 'PG_VERSION'))) await makeCluster(setup, binaries, directory, password);
  await checkMajor(directory, binaries);
  return { directory: await realpath(directory), password, place: placeOf(setup, directory) };
}

/** Give an existing, stopped cluster this password: the file that remembered the old one is gone. */
export async function setPassword(setup: Setup, binaries: Binaries, cluster: Cluster): Promise<void> {
  await singleUser(setup, binaries, cluster.directory, [alterRole(cluster.password)]);
}

async function makeCluster(
  setup: Setup,
  binaries: Binaries,
  directory: string,
  password: string,
): Promise<void> {
  setup.say('Preparing a private Postgres (first start only)');
  const draft = join(setup.dataDir, `${unfinished}${randomBytes(6).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  if (setup.runAs !== undefined) await chown(draft, setup.runAs.uid, setup.runAs.gid);
  await initdb(setup, binaries, draft);
  await singleUser(setup, binaries, draft, ['create database paperround', alterRole(password)]);
  await rename(draft, directory).catch((cause: unknown) => {
    const sentence = `${directory} is there, but holds no Postgres data. Move it away, then start Paperround again.`;
    throw new ExplainedError(sentence, { cause });
  });
  setup.memory.keepPassword('postgres', password);
}

/** Peer authentication on sockets we never open spares a password file; over TCP a password is asked. */
async function initdb(setup: Setup, binaries: Binaries, directory: string): Promise<void> {
  const { dataArgument, ...place } = placeOf(setup, directory);
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8'];
  const login = ['--username=paperround', '--auth-local=peer', '--auth-host=scram-sha-256'];
  const sync = setup.ephemeral ? ['--no-sync'] : [];
  const args = ['-D', dataArgument, '--no-instructions', ...locale, ...login, ...sync];
  const { code, output } = await run(binaries.initdb, args, { ...place, reaper: setup.reaper });
  if (code === 0) return;
  await rm(directory, { recursive: true, force: true });
  throw new ExplainedError(
    `The private Postgres could not be prepared in ${setup.dataDir}; nothing was kept. ` +
      `Mend what initdb says below, or set DATABASE_URL to a Postgres of your own.\n${output.slice(-2000).trim()}`,
  );
}

/** Run statements without a server: nobody can connect before the password is set. */
async function singleUser(
  setup: Setup,
  binaries: Binaries,
  directory: string,
  statements: string[],
): Promise<void> {
  const { dataArgument, ...place } = placeOf(setup, directory);
  const fsync = setup.ephemeral ? ['-c', 'fsync=off'] : [];
  const args = ['--single', '-D', dataArgument, '-c', 'exit_on_error=on', ...fsync, 'postgres'];
  const input = `${statements.join('\n')}\n`;
  const { code, output } = await run(binaries.postgres, args, { ...place, input, reaper: setup.reaper });
  if (code !== 0) throw new Error(`postgres --single failed: ${output.slice(-2000)}`);
}

const alterRole = (password: string) => `alter role paperround password '${password}'`;

/**
 * As root below a closed directory (/root), the user we become cannot walk to the data. We can take it there: the
 * working directory is entered before the user changes, and Linux lets a process name it /proc/self/cwd.
 */
function placeOf({ runAs, isReachable, path }: Setup, directory: string): Cluster['place'] {
  return { runAs, cwd: directory, path, dataArgument: isReachable ? directory : '/proc/self/cwd' };
}

async function removeUnfinished(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith(unfinished));
  for (const name of names) await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 5 });
}

async function checkMajor(directory: string, binaries: Binaries): Promise<void> {
  const made = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
  const [ours] = binaries.version.split('.');
  if (made === ours) return;
  throw new ExplainedError(
    `${directory} was made by Postgres ${made}, and this Paperround brings Postgres ${ours}, which cannot read it. ` +
      `The data was not touched. Run the Paperround that made it once more for \`npx paperround backup\`, move ` +
      `${directory} away, and \`npx paperround restore\` with this one.`,
  );
}
