import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserFacingError } from '../user-facing-error.js';
import { runCommand, type RunAs } from './processes.js';

/**
 * The user to run servers as; undefined unless we are root. It is the first unprivileged one of the owners of: the servers'
 * files, the data directory, the folder around it (as after `sudo npm start`), this program; then `postgres`, then `nobody`.
 */
export async function chooseRunAs(dataDir: string): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = await readUsers();
  for (const place of [join(dataDir, 'postgres'), dataDir, dirname(dataDir), import.meta.dirname]) {
    const owner = await readOwnerUid(place);
    const user = users.find(({ uid }) => uid === owner && uid !== 0);
    if (user !== undefined) return user;
  }
  const known = (name: string) => users.find((user) => user.name === name && user.uid !== 0);
  return known('postgres') ?? known('nobody') ?? throwNoUnprivilegedUser();
}

/** Whether that user can enter this directory, which may be below one that only root may enter. */
export async function canEnterDirectory(user: RunAs | undefined, directory: string): Promise<boolean> {
  if (user === undefined) return true;
  const answer = await runCommand('/bin/sh', ['-c', 'test -x "$1"', 'sh', directory], { runAs: user });
  return answer.code === 0;
}

async function readUsers(): Promise<RunAs[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  return lines
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

async function readOwnerUid(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ uid }) => uid,
    () => undefined,
  );
}

function throwNoUnprivilegedUser(): never {
  throw new UserFacingError(
    'Postgres refuses to run as root, and /etc/passwd has no postgres or nobody to run it as. Nothing was ' +
      'changed. Start Paperround as an ordinary user, or set DATABASE_URL to a Postgres of your own.',
  );
}
