import { CliError } from './cli-error.js';

/** Whether this is the id of a row: a whole UUID in lower case. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/**
 * @param what what has the id, for the message: `a token`
 * @throws CliError for anything that is no id
 */
export function parseId(id: string, what: string): string {
  if (isId(id)) return id;
  throw new CliError(`That is not the id of ${what}: ${id}`, 2);
}
