import type { Dispatcher } from 'undici';
import { readBody } from './fetch-body.js';
import { describeStatus, readRetryAfter } from './fetch-failure.js';

/** `reason` is a sentence for an operator; `retryAfter` is in seconds. */
export type Fetched =
  | FetchedPage
  | { kind: 'not-modified' }
  | { kind: 'gone' }
  | { kind: 'refused'; reason: string }
  | { kind: 'failed'; reason: string; retryAfter?: number };

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
  /** The Link header (RFC 8288), as it came. */
  link?: string;
  /** Seconds for which the server calls its answer fresh. */
  maxAge?: number;
};

export type Redirected = { kind: 'redirected'; to: URL; permanent: boolean };

type Response = Dispatcher.ResponseData;
type Asked = { url: URL; maxBytes: number; conditional: boolean };

/** What an answer means for a reader of feeds. Reads at most `maxBytes` of the body, and no body it has no use for. */
export async function readAnswer(response: Response, asked: Asked): Promise<Fetched | Redirected> {
  const { url, conditional } = asked;
  const { statusCode: status } = response;
  if (status === 304 && conditional) return { kind: 'not-modified' };
  if (status === 410) return { kind: 'gone' };
  if ([301, 302, 303, 307, 308].includes(status)) return readRedirect(url, response);
  if (status < 200 || status >= 300) {
    const retryAfter = readRetryAfter(header(response, 'retry-after'), header(response, 'date'));
    return failed(describeStatus(url.host, status), retryAfter);
  }
  return readPage(response, asked);
}

function readRedirect(url: URL, response: Response): Fetched | Redirected {
  const location = header(response, 'location') ?? '';
  if (location === '' || !URL.canParse(location, url.href)) {
    return failed(`${url.host} redirected without saying where to.`);
  }
  const permanent = response.statusCode === 301 || response.statusCode === 308;
  return { kind: 'redirected', to: new URL(location, url), permanent };
}

async function readPage(response: Response, { url, maxBytes }: Asked): Promise<Fetched> {
  const encoding = header(response, 'content-encoding') ?? '';
  const answer = await readBody(response.body, encoding, maxBytes);
  if (answer.kind === 'too-large') {
    return failed(`The answer of ${url.host} is larger than ${Math.round(maxBytes / 1024)} KB.`);
  }
  if (answer.kind === 'unknown-encoding') {
    return failed(`${url.host} sent a compression nobody asked for (${encoding.slice(0, 40)}).`);
  }
  const etag = header(response, 'etag');
  const lastModified = header(response, 'last-modified');
  const link = response.headers['link'];
  const maxAge = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(header(response, 'cache-control') ?? '')?.[1];
  return {
    kind: 'fetched',
    url: url.href,
    status: response.statusCode,
    body: answer.body,
    contentType: header(response, 'content-type'),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(link !== undefined && { link: [link].flat().join(', ') }),
    ...(maxAge !== undefined && { maxAge: Number(maxAge) }),
  };
}

function failed(reason: string, retryAfter?: number): Fetched {
  return { kind: 'failed', reason, ...(retryAfter !== undefined && { retryAfter }) };
}

function header(response: Response, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
