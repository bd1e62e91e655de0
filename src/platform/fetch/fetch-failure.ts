/**
 * Why a page could not be fetched. `host` has its port where the address names one; `error` is a code of Node or undici.
 * The codes are stored with feeds: one that is renamed needs a migration.
 */
export type FetchFailure =
  | {
      code:
        | 'timeout'
        | 'unknown-name'
        | 'name-lookup-failed'
        | 'connection-refused'
        | 'connection-closed'
        | 'damaged-compression'
        | 'redirect-without-address'
        | 'form-redirected';
      host: string;
    }
  | { code: 'invalid-certificate' | 'connection-failed'; host: string; error: string }
  /** `network` is the CDN in front of the site, where one is known and may be what refuses. */
  | { code: 'status'; host: string; status: number; network?: string }
  /** A page that tells people from programs was answered instead; `service` is whose it is, null where that is not known. */
  | { code: 'bot-check'; host: string; status: number; service: string | null }
  | { code: 'too-many-redirects'; host: string; maxRedirects: number }
  | { code: 'too-large'; host: string; maxKilobytes: number }
  | { code: 'unknown-compression'; host: string; encoding: string };

/** Why an address is not fetched at all: see `ssrf-guard.ts`. `host` is without a port, `scheme` ends in a colon. */
export type FetchRefusal =
  | { code: 'no-web-address' | 'credentials-in-address' }
  | { code: 'unsupported-scheme'; scheme: string }
  | { code: 'no-ip-address' | 'private-address'; host: string }
  | { code: 'port-not-allowed'; host: string; port: number };

/** Why `host` could not be read. Bugs in our own code are thrown on. */
export function toFetchFailure(error: unknown, host: string, timedOut: boolean): FetchFailure {
  if (timedOut) return { code: 'timeout', host };
  const code = readErrorCode(error);
  if (code === undefined) throw error;
  if (code === 'ENOTFOUND' || code === 'ENODATA') return { code: 'unknown-name', host };
  if (code === 'EAI_AGAIN') return { code: 'name-lookup-failed', host };
  if (code === 'ECONNREFUSED') return { code: 'connection-refused', host };
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return { code: 'connection-closed', host };
  if (code.includes('TIMEOUT') || code === 'ETIMEDOUT') return { code: 'timeout', host };
  if (code.includes('CERT') || code.includes('SIGNATURE'))
    return { code: 'invalid-certificate', host, error: code };
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR') || code.startsWith('ERR_BROTLI'))
    return { code: 'damaged-compression', host };
  return { code: 'connection-failed', host, error: code };
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
