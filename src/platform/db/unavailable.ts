/** Codes of Node for connections (and names of hosts) that fail. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * Codes of Postgres (manual, appendix A) for a server that cannot do its work now: 08 connection exception, 53
 * insufficient resources, 57P operator intervention, 58 system error; single ones are statements that were ended for
 * taking too long, locks that were not free in time, and a server that only reads.
 */
const POSTGRES_CODES = /^(?:08...|53...|57P0.|58...|57014|55P03|25P0[34]|25006)$/;

/** The driver's own errors, which have no code. */
const DRIVER_MESSAGES = [
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed',
];

/**
 * Whether this error says that Postgres does not answer, or not now. A statement that was sent may have been done all
 * the same: the answer to `commit` may be what was lost.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    NETWORK_CODES.has(code) ||
    POSTGRES_CODES.test(code) ||
    DRIVER_MESSAGES.some((start) => error.message.startsWith(start))
  );
}

/** Whether the answer to a statement is still owed on its connection: nothing else may be sent there. */
export function isAnswerOwed(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}
