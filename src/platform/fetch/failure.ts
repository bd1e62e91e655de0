/**
 * One sentence for an operator about why `host` could not be read.
 * @throws the error, if it is no failure of the network but a bug of ours
 */
export function describeFetchFailure(error: unknown, host: string, timedOut: boolean): string {
  if (timedOut) return `${host} did not answer in time.`;
  const code = readErrorCode(error);
  if (code === undefined) throw error;
  if (code === 'ENOTFOUND' || code === 'ENODATA') return `The name ${host} does not exist.`;
  if (code === 'EAI_AGAIN') return `The name ${host} could not be looked up just now.`;
  if (code === 'ECONNREFUSED') return `${host} refused the connection.`;
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return `${host} closed the connection.`;
  if (code.includes('TIMEOUT') || code === 'ETIMEDOUT') return `${host} did not answer in time.`;
  if (code.includes('CERT') || code.includes('SIGNATURE')) {
    return `The certificate of ${host} is not valid (${code}).`;
  }
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR') || code.startsWith('ERR_BROTLI')) {
    return `The compressed answer of ${host} is damaged.`;
  }
  return `${host} could not be read (${code}).`;
}

/** One sentence about a status that is not a success. */
export function describeStatus(host: string, status: number): string {
  if (status === 401 || status === 403)
    return `${host} does not let us read this address (status ${status}).`;
  if (status === 404) return `${host} has nothing at this address (status 404).`;
  if (status === 429) return `${host} asks us to come less often (status 429).`;
  return `${host} answered with status ${status}.`;
}

/** Retry-After in whole seconds (RFC 9110 section 10.2.3): a number, or a date compared with the response's `Date`. */
export function readRetryAfter(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  const seconds = (Date.parse(value) - Date.parse(date ?? '')) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.round(seconds));
}

/** The `code` of an error of Node or undici, which may be in its cause or in an AggregateError. */
function readErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return readErrorCode(error.errors[0]);
  return 'cause' in error ? readErrorCode(error.cause) : undefined;
}
