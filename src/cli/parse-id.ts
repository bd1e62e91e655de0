import { CliError } from './cli-error.js';

/**
 * Checks that this is the id of a row: a whole UUID in lower case.
 * @param what what has the id, for the message: `a token`
 * @throws CliError for anything else
 */
export function parseId(id: string, what: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new CliError(`That is not the id of ${what}: ${id}`, 2);
}
