import { CliError } from './cli-error.js';

/**
 * A whole id of a row: a UUID in lower case.
 * @param what names the row in the message: `a token`
 * @throws CliError, misuse, for anything else
 */
export function parseId(id: string, what: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new CliError(`That is not the id of ${what}: ${id}`, 2);
}
