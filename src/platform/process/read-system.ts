import { execFileSync } from 'node:child_process';

/** What a program of the system says. */
export function execOutput(command: string, args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Undefined where there is nothing to read: a process may end between two looks at it, and systems differ. */
export function readOrUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
