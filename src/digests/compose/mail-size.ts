import { MAX_ARTICLES, type DigestContent, type SizeLimits } from './digest-content.js';

/** Gmail clips somewhere above 100 KB; with what a provider adds, nothing of ours comes near. */
export const MAX_HTML_BYTES = 90_000;

const MAX_EXCERPT_LENGTH = 10_000;

/** How large a mail is, and what was left out for it. */
export type MailSize = {
  htmlBytes: number;
  fullTextsLeftOut: number;
  picturesLeftOut: number;
  excerptsShortened: number;
  articlesLeftOut: number;
};

/** The longest text that a mail still shows whole, when not all of them fit. */
const MAX_TEXT_LENGTHS = [80_000, 60_000, 40_000, 20_000, 10_000, 5_000];

/** What a mail gives up for its size, one after the other, before articles go: first its longest texts. */
export function listSizeLimits(full: boolean): readonly [SizeLimits, ...SizeLimits[]] {
  const whole = { full: Infinity, pictures: true, excerpt: MAX_EXCERPT_LENGTH, articles: MAX_ARTICLES };
  const short = [
    { ...whole, full: 0 },
    { ...whole, full: 0, pictures: false },
    { ...whole, full: 0, pictures: false, excerpt: 120 },
    { ...whole, full: 0, pictures: false, excerpt: 0 },
  ] as const;
  return full ? [whole, ...MAX_TEXT_LENGTHS.map((most) => ({ ...whole, full: most })), ...short] : short;
}

/** What a mail of this measure has lost against the whole one. */
export function measureMail(
  html: string,
  { publication, shown: all }: Pick<DigestContent, 'publication' | 'shown'>,
  { full, pictures, excerpt, articles: most }: SizeLimits,
): MailSize {
  const shown = most === 0 ? [] : all.slice(-most);
  const wasFull = publication.contentMode === 'full';
  const cut = shown.filter(({ contentHtml }) => contentHtml !== '' && contentHtml.length > full).length;
  return {
    htmlBytes: Buffer.byteLength(html),
    fullTextsLeftOut: wasFull ? cut : 0,
    picturesLeftOut: pictures ? 0 : shown.filter(({ image }) => image !== null).length,
    excerptsShortened: shown.filter(({ summary }) => summary.length > excerpt).length,
    articlesLeftOut: all.length - shown.length,
  };
}

/** `HTML is 61 KB of 90; 3 pictures left out.` */
export function describeMailSize(size: MailSize): string {
  const lost = [
    formatCount(size.fullTextsLeftOut, 'full text shortened', 'full texts shortened'),
    formatCount(size.picturesLeftOut, 'picture left out', 'pictures left out'),
    formatCount(size.excerptsShortened, 'excerpt shortened', 'excerpts shortened'),
    formatCount(size.articlesLeftOut, 'article left out', 'articles left out'),
  ].filter((words) => words !== undefined);
  const kilobytes = Math.ceil(size.htmlBytes / 1000);
  return `${[`HTML is ${kilobytes} KB of ${MAX_HTML_BYTES / 1000}`, ...lost].join('; ')}.`;
}

function formatCount(count: number, one: string, several: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : several}`;
}
