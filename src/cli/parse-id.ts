import { CliError } from './cli-error.js';

/** What has the id, and the command that shows ids of its kind: `a token`, `token list`. */
export type IdKind = { what: string; list: string };

/** Whether this is the id of a row: a whole UUID. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/**
 * Checks that this is the id of a row.
 * @throws CliError for anything else
 */
export function parseId(id: string, kind: IdKind): string {
  if (isId(id)) return id.toLowerCase();
  throw notAnId(id, kind);
}

/** Says what an id looks like, and where to find it. */
export function notAnId(id: string, { what, list }: IdKind): CliError {
  return new CliError(
    `That is not the id of ${what}: ${id}\n` +
      `An id looks like 019b2f6e-5c1a-7d40-9e5a-3f1c8a4b7d20. To see them: paperround ${list}`,
    2,
  );
}
