import { MOST_ARTICLES, type Material, type Measure } from './mail-data.js';

/** Gmail clips somewhere above 100 KB; with what a provider adds, nothing of ours comes near. */
export const MOST_HTML_BYTES = 90_000;

const WHOLE_EXCERPT = 10_000;

/** How large a mail is, and what was left out for it. */
export type MailSize = {
  htmlBytes: number;
  fullTextsLeftOut: number;
  picturesLeftOut: number;
  excerptsShortened: number;
  articlesLeftOut: number;
};

/** The longest text that a mail still shows whole, when not all of them fit. */
const LONGEST_TEXTS = [80_000, 60_000, 40_000, 20_000, 10_000, 5_000];

/** What a mail gives up for its size, one after the other, before articles go: first its longest texts. */
export function measures(full: boolean): readonly [Measure, ...Measure[]] {
  const whole = { full: Infinity, pictures: true, excerpt: WHOLE_EXCERPT, articles: MOST_ARTICLES };
  const short = [
    { ...whole, full: 0 },
    { ...whole, full: 0, pictures: false },
    { ...whole, full: 0, pictures: false, excerpt: 120 },
    { ...whole, full: 0, pictures: false, excerpt: 0 },
  ] as const;
  return full ? [whole, ...LONGEST_TEXTS.map((most) => ({ ...whole, full: most })), ...short] : short;
}

/** What a mail of this measure has lost against the whole one. */
export function sizeOf(
  html: string,
  { publication, shown: all }: Pick<Material, 'publication' | 'shown'>,
  { full, pictures, excerpt, articles: most }: Measure,
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
export function sizeInWords(size: MailSize): string {
  const lost = [
    counted(size.fullTextsLeftOut, 'full text shortened', 'full texts shortened'),
    counted(size.picturesLeftOut, 'picture left out', 'pictures left out'),
    counted(size.excerptsShortened, 'excerpt shortened', 'excerpts shortened'),
    counted(size.articlesLeftOut, 'article left out', 'articles left out'),
  ].filter((words) => words !== undefined);
  const kilobytes = Math.ceil(size.htmlBytes / 1000);
  return `${[`HTML is ${kilobytes} KB of ${MOST_HTML_BYTES / 1000}`, ...lost].join('; ')}.`;
}

function counted(count: number, one: string, several: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : several}`;
}
