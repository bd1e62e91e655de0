import { isDatabaseUnavailable } from '../db/unavailable.js';

/**
 * Classes of SQLSTATE (PostgreSQL manual, appendix A) that say nothing about a row though the server works: the state of the
 * transaction, prepared statements, authorisation, unknown database, rollback (deadlock), our own statement, locks, and
 * statements that were cancelled.
 */
const STATEMENT_CLASSES = new Set(['25', '26', '28', '3D', '40', '42', '55', '57']);

/** What the driver of Redis, and a pool that is closed, throw without a code. */
const CONNECTION_MESSAGES =
  /^(?:Cannot use a pool|Connection is closed|Stream isn't writeable|Reached the max retries)/;

/** Something else failed than the work on a row, whatever it says: its cause. */
export class OtherFault extends Error {
  constructor(cause: unknown) {
    super('It is no fault of a row.', { cause });
  }
}

/**
 * Whether a failure is the fault of what was worked on, so that the same row fails again and others do not. False for what
 * passes, or is the fault of a server, a connection, this machine or a statement: then the whole job is to be tried again.
 */
export function isRowFault(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (error instanceof OtherFault) return false;
  if (error instanceof AggregateError && !error.errors.every(isRowFault)) return false;
  if (error.cause !== undefined && !isRowFault(error.cause)) return false;
  if (isDatabaseUnavailable(error)) return false;
  const code = codeOf(error);
  // System errors of Node (ECONNRESET, ENOSPC); its own (ERR_INVALID_ARG_TYPE) are about what it was given.
  if (/^E[A-Z\d]+$/.test(code) || code.startsWith('UND_ERR_')) return false;
  if (/^[\dA-Z]{5}$/.test(code)) return !STATEMENT_CLASSES.has(code.slice(0, 2));
  return !['AbortError', 'TimeoutError'].includes(error.name) && !CONNECTION_MESSAGES.test(error.message);
}

/** What a failure is called where it is shown: a SQLSTATE, a code of Node, or the name of the error. Nothing of the row. */
export function faultCode(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const code = codeOf(error);
  return /^[\w-]{1,60}$/.test(code) ? code : error.name.slice(0, 60);
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
