import type { OperatorWords } from '../../platform/text/translations.js';
import { keepShown, MAX_ARTICLES, type DigestContent, type SizeLimits } from './digest-content.js';

/** Gmail clips the HTML of a mail at about 102 KB; the rest is room for what a provider adds, such as tracking. */
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

/** The limits to try one after the other, from everything to titles alone; after them articles go. */
export function listSizeLimits(withFullTexts: boolean): readonly [SizeLimits, ...SizeLimits[]] {
  const whole: SizeLimits = {
    maxTextLength: Infinity,
    images: true,
    maxExcerptLength: MAX_EXCERPT_LENGTH,
    maxArticles: MAX_ARTICLES,
  };
  const excerpts: SizeLimits = { ...whole, maxTextLength: 0 };
  const short: readonly [SizeLimits, ...SizeLimits[]] = [
    excerpts,
    { ...excerpts, images: false },
    { ...excerpts, images: false, maxExcerptLength: 120 },
    { ...excerpts, images: false, maxExcerptLength: 0 },
  ];
  if (!withFullTexts) return short;
  return [whole, ...MAX_TEXT_LENGTHS.map((maxTextLength) => ({ ...whole, maxTextLength })), ...short];
}

/** What a mail within these limits has lost against the whole one. */
export function measureMail(
  html: string,
  { publication, shown: all, operatorText }: Pick<DigestContent, 'publication' | 'shown' | 'operatorText'>,
  { maxTextLength, images, maxExcerptLength, maxArticles }: SizeLimits,
): MailSize {
  const shown = keepShown(all, maxArticles, operatorText.kept);
  const wasFull = publication.contentMode === 'full';
  const cut = shown.filter(
    ({ contentHtml }) => contentHtml !== '' && contentHtml.length > maxTextLength,
  ).length;
  return {
    htmlBytes: Buffer.byteLength(html),
    fullTextsLeftOut: wasFull ? cut : 0,
    picturesLeftOut: images ? 0 : shown.filter(({ image }) => image !== null).length,
    excerptsShortened: shown.filter(({ summary }) => summary.length > maxExcerptLength).length,
    articlesLeftOut: all.length - shown.length,
  };
}

const losses = ['fullTextsLeftOut', 'picturesLeftOut', 'excerptsShortened', 'articlesLeftOut'] as const;

/** `HTML is 61 KB of 90; 3 pictures left out.` */
export function describeMailSize(size: MailSize, words: OperatorWords): string {
  const html = { kilobytes: Math.ceil(size.htmlBytes / 1000), most: MAX_HTML_BYTES / 1000 };
  const lost = losses.filter((loss) => size[loss] > 0);
  return `${[
    words('mailSize.html', html),
    ...lost.map((loss) => words(`mailSize.${loss}`, { count: size[loss] })),
  ].join('; ')}.`;
}
