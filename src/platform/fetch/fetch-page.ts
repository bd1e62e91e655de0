import { lookup as lookUp } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { readResponse, type FetchResult, type Redirect } from './response.js';
import { ACCEPT_ENCODING } from './body.js';
import { toFetchFailure, type FetchFailure } from './fetch-failure.js';
import { normaliseHost, findRefusal, parseFetchUrl, parseAllowList, type AllowList } from './ssrf-guard.js';

export type { FetchResult, FetchedPage } from './response.js';

export type FetchPage = (url: string, options?: FetchOptions) => Promise<FetchResult>;

/** With validators of the last response the request is conditional (RFC 9110 section 13.1). */
export type FetchOptions = {
  etag?: string;
  lastModified?: string;
  accept?: string;
  /** Fields to POST, as a browser posts a form. A redirect is not followed then. */
  form?: Readonly<Record<string, string>>;
  /** A text to POST as JSON, with headers of its own. A redirect is not followed then. */
  json?: { body: string; headers: Readonly<Record<string, string>> };
};

/** Resolves with all addresses of a name, or rejects with the resolver's error code. */
export type Lookup = (hostname: string) => Promise<string[]>;

export type FetcherSettings = {
  allow: string[];
  userAgent: string;
  lookup?: Lookup;
  timeoutMs?: number;
  maxBytes?: number;
};

type Fetcher = Required<Omit<FetcherSettings, 'allow'>> & { allow: AllowList };
type FetchRequest = { url: URL; options: FetchOptions; signal: AbortSignal };

const MAX_REDIRECTS = 5;

/**
 * Makes a function that fetches URLs of strangers, by GET or by POST. At each hop the name is resolved once, all its
 * addresses are checked, and the connection goes to one of them, so that a second lookup cannot give others (DNS rebinding).
 * It reads for at most 10 s in total, and 5 MB after decompression. Proxy settings of the environment are ignored.
 */
export function createFetcher(settings: FetcherSettings): FetchPage {
  const defaults = { lookup: lookupAllAddresses, timeoutMs: 10_000, maxBytes: 5 * 1024 * 1024 };
  const fetcher: Fetcher = { ...defaults, ...settings, allow: parseAllowList(settings.allow) };
  return (url, options = {}) => fetchFollowingRedirects(fetcher, url, options);
}

async function fetchFollowingRedirects(
  fetcher: Fetcher,
  start: string,
  options: FetchOptions,
): Promise<FetchResult> {
  const signal = AbortSignal.timeout(fetcher.timeoutMs);
  let next = parseFetchUrl(start);
  let permanent = true;
  for (let hops = 0; next instanceof URL; hops += 1) {
    const result = await fetchOnce(fetcher, { url: next, options, signal });
    if (result.kind === 'fetched' && hops > 0 && permanent) return { ...result, permanentUrl: result.url };
    if (result.kind !== 'redirected') return result;
    if (postedBody(options) !== undefined) return failedResult({ code: 'form-redirected', host: next.host });
    if (hops === MAX_REDIRECTS)
      return failedResult({ code: 'too-many-redirects', host: next.host, maxRedirects: MAX_REDIRECTS });
    permanent &&= result.permanent;
    next = parseFetchUrl(result.to.href);
  }
  return { kind: 'refused', failure: next };
}

async function fetchOnce(
  fetcher: Fetcher,
  { url, options, signal }: FetchRequest,
): Promise<FetchResult | Redirect> {
  try {
    const addresses = await resolveHost(fetcher, normaliseHost(url.hostname), signal);
    const refusal = findRefusal(url, addresses, fetcher.allow);
    if (refusal !== undefined) return { kind: 'refused', failure: refusal };
    return await request(fetcher, addresses, { url, options, signal });
  } catch (error) {
    return failedResult(toFetchFailure(error, url.host, signal.aborted));
  }
}

async function resolveHost({ lookup }: Fetcher, host: string, signal: AbortSignal): Promise<string[]> {
  return isIP(host) ? [host] : Promise.race([lookup(host), rejectOnAbort(signal)]);
}

async function request(
  fetcher: Fetcher,
  addresses: string[],
  { url, options, signal }: FetchRequest,
): Promise<FetchResult | Redirect> {
  // Imported only when something is fetched, which most processes never do.
  const { Client } = await import('./http-client.js');
  const client = new Client(url.origin, {
    connect: { lookup: pinAddresses(addresses), timeout: fetcher.timeoutMs },
  });
  try {
    const response = await client.request({
      method: postedBody(options) === undefined ? 'GET' : 'POST',
      path: url.pathname + url.search,
      headers: requestHeaders(fetcher, options),
      body: postedBody(options) ?? null,
      signal,
    });
    // Responses whose body is not used are closed unread, which is an error of the body.
    response.body.on('error', () => {});
    return await readResponse(response, {
      url,
      maxBytes: fetcher.maxBytes,
      conditional: isConditional(options),
    });
  } finally {
    await client.destroy();
  }
}

function requestHeaders({ userAgent }: Fetcher, { etag, lastModified, accept, form, json }: FetchOptions) {
  return {
    'user-agent': userAgent,
    accept: accept ?? '*/*',
    'accept-encoding': ACCEPT_ENCODING,
    ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(json !== undefined && { 'content-type': 'application/json', ...json.headers }),
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
  };
}

function postedBody({ form, json }: FetchOptions): string | undefined {
  return form === undefined ? json?.body : new URLSearchParams(form).toString();
}

function isConditional({ etag, lastModified }: FetchOptions): boolean {
  return etag !== undefined || lastModified !== undefined;
}

function failedResult(failure: FetchFailure): FetchResult {
  return { kind: 'failed', failure };
}

function pinAddresses(addresses: string[]): LookupFunction {
  const checked = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    const [first] = checked;
    if (options.all) callback(null, checked);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function lookupAllAddresses(hostname: string): Promise<string[]> {
  const found = await lookUp(hostname, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
}
