import { decodeHTML } from 'entities';
import sanitize from 'sanitize-html';
import { describeFeedFailure } from '../articles/feeds/describe-feed-failure.js';
import { decodeCharset } from '../articles/parse/decode-charset.js';
import type { Context } from '../platform/context.js';
import type { FetchFailure, FetchRefusal } from '../platform/fetch/fetch-failure.js';
import type { FetchedPage } from '../platform/fetch/fetch-page.js';
import type { FormCheck } from '../publications/check.js';
import { toSafeLine } from '../platform/text/safe-text.js';
import { keepCheck } from '../publications/keep-check.js';
import { listSlugs } from '../publications/reads.js';
import type { Publication } from '../publications/publication.js';

const MAX_PAGE_BYTES = 2_000_000;

type FormContext = Pick<Context, 'db' | 'fetchPage' | 'now' | 'publicUrl'>;

/** Fetches a page of the publisher's site, looks for our form in it, and keeps what was found. */
export async function lookForForm(
  context: FormContext,
  publication: Pick<Publication, 'id'>,
  url: string,
): Promise<FormCheck> {
  const result = { url, ...(await findForm(context, publication, url)) };
  await keepCheck(context, publication.id, { kind: 'form', result });
  return result;
}

type Found = FormCheck extends infer Check
  ? Check extends { url: string }
    ? Omit<Check, 'url'>
    : never
  : never;

async function findForm(context: FormContext, { id }: Pick<Publication, 'id'>, url: string): Promise<Found> {
  const fetched = await context.fetchPage(url, { accept: 'text/html,application/xhtml+xml' });
  if (fetched.kind === 'failed' || fetched.kind === 'refused')
    return { kind: 'unreadable', reason: describeFailure(fetched.failure) };
  if (fetched.kind !== 'fetched')
    return { kind: 'unreadable', reason: 'The page is gone: its address answers 410.' };
  const html = decodeCharset(fetched.body, fetched.contentType, MAX_PAGE_BYTES);
  if (html === undefined) return { kind: 'unreadable', reason: 'The page is larger than 2 MB, or no text.' };
  const slugs = (await listSlugs(context.db, id)).map(({ slug }) => slug);
  return judgePage(html, { page: fetched.url, publicUrl: context.publicUrl, slugs });
}

type Place = { page: FetchedPage['url']; publicUrl: string; slugs: readonly string[] };

/** What a page has of ours: the address of the script, of the form, or of the sign-up page, in whatever attribute. */
function judgePage(html: string, { page, publicUrl, slugs }: Place): Found {
  const { addresses, texts, title } = readPage(html, page);
  const ours = addresses.flatMap((address) => pathBelow(publicUrl, address) ?? []);
  // Scripts that load others name them in their text.
  const named = [...texts.matchAll(/\/embed\/([a-z0-9-]+)\.js/g)].map(([path]) => path);
  const paths = [...ours, ...(texts.includes(new URL(publicUrl).host) ? named : [])];
  const slugsAt = (pattern: RegExp) => paths.flatMap((path) => pattern.exec(path)?.[1] ?? []);
  const scripts = [...slugsAt(/^\/embed\/([a-z0-9-]+)\.js$/), ...pinnedSlugs(texts, ours)];
  const forms = slugsAt(/^\/([a-z0-9-]+)\/subscriptions$/);
  const isOurs = (slug: string) => slugs.includes(slug);
  if (pathBelow(publicUrl, page) !== undefined && forms.some(isOurs)) return { kind: 'found', how: 'hosted' };
  if (scripts.some(isOurs)) return { kind: 'found', how: 'script' };
  if (forms.some(isOurs)) return { kind: 'found', how: 'form' };
  if (slugsAt(/^\/([a-z0-9-]+)\/?$/).some(isOurs)) return { kind: 'link' };
  if (scripts.length + forms.length > 0) return { kind: 'other-newsletter' };
  return { kind: 'none', title };
}

/** The tag of a pinned build carries its configuration. */
function pinnedSlugs(texts: string, paths: readonly string[]): string[] {
  if (!paths.some((path) => /^\/assets\/embed-[0-9a-f]+\.js$/.test(path))) return [];
  return [...texts.matchAll(/"slug":"([a-z0-9-]+)"/g)].map(([, slug = '']) => slug);
}

type Page = { addresses: string[]; texts: string; title: string | null };

/** Every attribute that may be an address, and the text of scripts and attributes. */
function readPage(html: string, page: string): Page {
  const addresses: string[] = [];
  const values: string[] = [];
  sanitize(html, {
    allowedTags: [],
    transformTags: {
      '*': (tagName, attribs) => {
        for (const value of Object.values(attribs)) {
          values.push(value);
          if (value.length < 2000 && URL.canParse(value, page)) addresses.push(new URL(value, page).href);
        }
        return { tagName, attribs };
      },
    },
  });
  const scripts = [...html.matchAll(/<script\b[^>]*>(.*?)<\/script>/gis)].map(([, text = '']) => text);
  const title = /<title[^>]*>([^<]{1,300})/i.exec(html)?.[1];
  return {
    addresses,
    texts: [...values, ...scripts].join('\n'),
    title: title === undefined ? null : toSafeLine(decodeHTML(title)),
  };
}

/** The path of an address of ours, below PUBLIC_URL; pages may name it with either scheme. */
function pathBelow(publicUrl: string, address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const [own, url] = [new URL(publicUrl), new URL(address)];
  const base = own.pathname.replace(/\/$/, '');
  const isBelow = url.host === own.host && (url.pathname === base || url.pathname.startsWith(`${base}/`));
  return isBelow ? url.pathname.slice(base.length) : undefined;
}

function describeFailure(failure: FetchFailure | FetchRefusal): string {
  if (failure.code === 'bot-check' || (failure.code === 'status' && failure.status === 403))
    return `${failure.host} took us for a bot and did not show the page. Look for the form in your own browser.`;
  return describeFeedFailure(failure);
}
