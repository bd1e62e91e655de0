import { decodeHTMLAttribute } from 'entities';
import pMap from 'p-map';
import type { Context } from '../../platform/context.js';
import { SECOND_MS } from '../../platform/durations.js';
import type { FetchResult } from '../../platform/fetch/fetch-page.js';

/**
 * A link that was followed. `dead`: readers do not get there. `unknown`: its site does not let a program look, or did not
 * answer in time.
 */
export type LinkCheck = { url: string; kind: 'fine' | 'dead' | 'unknown'; why: string | null };

/** `left`: how many more there are, which were not looked at. */
export type LinksChecked = { links: LinkCheck[]; left: number };

const MAX_LINKS = 25;
const CONCURRENCY = 5;
/** Of all together: whoever pressed the button waits for it. */
const MAX_TIME_MS = 12 * SECOND_MS;

/**
 * Follows the links of a mail, each once, through the guard that feeds are fetched through: at most 25, 5 at a time, 12 seconds
 * in all.
 * @param html of the mail
 */
export async function checkLinks(
  { fetchPage, publicUrl }: Pick<Context, 'fetchPage' | 'publicUrl'>,
  html: string,
): Promise<LinksChecked> {
  const urls = linksOf(html).filter((url) => !url.startsWith(`${publicUrl}/`));
  const deadline = new Promise<'late'>((resolve) => {
    setTimeout(() => resolve('late'), MAX_TIME_MS).unref();
  });
  let isLate = false;
  void deadline.then(() => (isLate = true));
  const links = await pMap(
    urls.slice(0, MAX_LINKS),
    async (url): Promise<LinkCheck> => {
      if (isLate) return { url, ...LATE };
      const result = await Promise.race([fetchPage(url, { accept: 'text/html,*/*' }), deadline]);
      return { url, ...(result === 'late' ? LATE : judge(result)) };
    },
    { concurrency: CONCURRENCY },
  );
  return { links, left: Math.max(0, urls.length - MAX_LINKS) };
}

const LATE = { kind: 'unknown' as const, why: 'Not looked at: the others took too long.' };

/** Web addresses that a mail links to, in their order, without their fragments. */
function linksOf(html: string): string[] {
  const found = [...html.matchAll(/<a\b[^>]*?\bhref="([^"]+)"/gi)].map(([, href = '']) =>
    decodeHTMLAttribute(href),
  );
  const pages = found.flatMap((href) =>
    /^https?:\/\//i.test(href) && URL.canParse(href) ? [withoutFragment(href)] : [],
  );
  return [...new Set(pages)];
}

function withoutFragment(href: string): string {
  const url = new URL(href);
  url.hash = '';
  return url.href;
}

function judge(result: FetchResult): Omit<LinkCheck, 'url'> {
  switch (result.kind) {
    case 'fetched':
    case 'not-modified':
      return { kind: 'fine', why: null };
    case 'gone':
      return { kind: 'dead', why: 'It is gone for good (410).' };
    case 'refused':
      return { kind: 'dead', why: 'It leads to an address that readers cannot reach.' };
    case 'failed':
      return judgeFailure(result.failure);
  }
}

function judgeFailure(failure: Extract<FetchResult, { kind: 'failed' }>['failure']): Omit<LinkCheck, 'url'> {
  switch (failure.code) {
    case 'status':
      return [404, 410].includes(failure.status) || failure.status >= 500
        ? { kind: 'dead', why: `Its site answers ${failure.status}.` }
        : { kind: 'unknown', why: `Its site answers ${failure.status} to a program.` };
    case 'unknown-name':
      return { kind: 'dead', why: `There is no site called ${failure.host}.` };
    case 'connection-refused':
      return { kind: 'dead', why: 'Its site takes no connection.' };
    case 'invalid-certificate':
      return { kind: 'dead', why: 'Browsers warn of its certificate.' };
    case 'too-many-redirects':
    case 'redirect-without-address':
      return { kind: 'dead', why: 'It leads on and on, and nowhere.' };
    case 'too-large':
      return { kind: 'fine', why: null };
    case 'timeout':
      return { kind: 'unknown', why: 'Its site did not answer in time.' };
    case 'name-lookup-failed':
    case 'connection-closed':
    case 'connection-failed':
    case 'damaged-compression':
    case 'unknown-compression':
    case 'form-redirected':
    case 'bot-check':
      return { kind: 'unknown', why: 'It could not be looked at.' };
  }
}
