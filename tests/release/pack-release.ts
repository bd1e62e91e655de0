import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

/** Packs this checkout into a folder. @returns the tarball */
export function packRelease(folder: string): string {
  const args = ['pack', '--silent', '--pack-destination', folder];
  const lines = runOrThrow('npm', args, { cwd: repository }).trim().split('\n');
  return join(folder, lines.at(-1) ?? '');
}

/** @returns its standard output @throws with all it said when its exit code is not 0 */
export function runOrThrow(
  program: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): string {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (status === 0) return stdout;
  throw new Error(
    `${program} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`,
  );
}
