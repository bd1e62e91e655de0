import type { Dispatcher } from 'undici';
import { readBody } from './body.js';
import { findBotCheck, findNetwork } from './bot-check.js';
import { readRetryAfter, type FetchFailure, type FetchRefusal } from './fetch-failure.js';

/** `retryAfter` is in seconds. */
export type FetchResult =
  | FetchedPage
  | { kind: 'not-modified' }
  | { kind: 'gone' }
  | { kind: 'refused'; failure: FetchRefusal }
  | { kind: 'failed'; failure: FetchFailure; retryAfter?: number };

/** `url` is where the body came from; `permanentUrl` is set when every redirect on the way was 301 or 308. */
export type FetchedPage = {
  kind: 'fetched';
  url: string;
  permanentUrl?: string;
  status: number;
  body: Buffer;
  contentType: string | undefined;
  etag?: string;
  lastModified?: string;
  /** The Link header (RFC 8288), unparsed. */
  link?: string;
  /** Seconds for which the response is fresh (max-age of Cache-Control, RFC 9111 section 5.2.2.1). */
  maxAge?: number;
};

export type Redirect = { kind: 'redirected'; to: URL; permanent: boolean };

type Response = Dispatcher.ResponseData;
type ResponseOptions = { url: URL; maxBytes: number; conditional: boolean };

/**
 * What a response means for polling a feed. Reads at most `maxBytes` of the body, of an error only what tells of a bot check,
 * and nothing of a redirect.
 */
export async function readResponse(
  response: Response,
  options: ResponseOptions,
): Promise<FetchResult | Redirect> {
  const { url, conditional } = options;
  const { statusCode: status } = response;
  if (status === 304 && conditional) return { kind: 'not-modified' };
  if (status === 410) return { kind: 'gone' };
  if ([301, 302, 303, 307, 308].includes(status)) return readRedirect(url, response);
  if (status < 200 || status >= 300) {
    const retryAfter = readRetryAfter(readHeader(response, 'retry-after'), readHeader(response, 'date'));
    const failure = botCheckFailure(url, response, await readErrorBody(response));
    return failedResult(failure ?? statusFailure(url, response), retryAfter);
  }
  return readPage(response, options);
}

/** A refusal may be that of a network in front of the site. */
function statusFailure({ host }: URL, response: Response): FetchFailure {
  const { statusCode: status } = response;
  const network = status === 403 ? findNetwork((name) => readHeader(response, name)) : undefined;
  return { code: 'status', host, status, ...(network !== undefined && { network }) };
}

/** Larger than the page of any bot check. */
const MAX_CHECK_BYTES = 128 * 1024;

/** What an error says of itself; nothing where that is very long or cannot be read: the status says enough then. */
async function readErrorBody(response: Response): Promise<Buffer> {
  try {
    const encoding = readHeader(response, 'content-encoding') ?? '';
    const result = await readBody(response.body, encoding, MAX_CHECK_BYTES);
    return result.kind === 'read' ? result.body : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  }
}

function botCheckFailure({ host }: URL, response: Response, body: Buffer): FetchFailure | undefined {
  const { statusCode: status } = response;
  const text = body.toString('utf8', 0, MAX_CHECK_BYTES);
  const found = findBotCheck({ status, header: (name) => readHeader(response, name), text });
  return found && { code: 'bot-check', host, status, ...found };
}

function readRedirect(url: URL, response: Response): FetchResult | Redirect {
  const location = readHeader(response, 'location') ?? '';
  if (location === '' || !URL.canParse(location, url.href)) {
    return failedResult({ code: 'redirect-without-address', host: url.host });
  }
  const permanent = response.statusCode === 301 || response.statusCode === 308;
  return { kind: 'redirected', to: new URL(location, url), permanent };
}

async function readPage(response: Response, { url, maxBytes }: ResponseOptions): Promise<FetchResult> {
  const encoding = readHeader(response, 'content-encoding') ?? '';
  const result = await readBody(response.body, encoding, maxBytes);
  if (result.kind === 'too-large') {
    return failedResult({
      code: 'too-large',
      host: url.host,
      maxKilobytes: Math.round(maxBytes / 1024),
    });
  }
  if (result.kind === 'unknown-encoding') {
    return failedResult({
      code: 'unknown-compression',
      host: url.host,
      encoding: encoding.slice(0, 40),
    });
  }
  const failure = botCheckFailure(url, response, result.body);
  if (failure !== undefined)
    return failedResult(
      failure,
      readRetryAfter(readHeader(response, 'retry-after'), readHeader(response, 'date')),
    );
  const etag = readHeader(response, 'etag');
  const lastModified = readHeader(response, 'last-modified');
  const link = response.headers['link'];
  const maxAge = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(readHeader(response, 'cache-control') ?? '')?.[1];
  return {
    kind: 'fetched',
    url: url.href,
    status: response.statusCode,
    body: result.body,
    contentType: readHeader(response, 'content-type'),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(link !== undefined && { link: [link].flat().join(', ') }),
    ...(maxAge !== undefined && { maxAge: Number(maxAge) }),
  };
}

function failedResult(failure: FetchFailure, retryAfter?: number): FetchResult {
  return { kind: 'failed', failure, ...(retryAfter !== undefined && { retryAfter }) };
}

function readHeader(response: Response, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
