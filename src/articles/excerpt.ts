import { compile, type HtmlToTextOptions } from 'html-to-text';
import { cutText, foldText } from './clean-text.js';
import { untangle } from './untangle.js';

const WORDS_PER_MINUTE = 230;
// Chinese, Japanese and Thai put no spaces between words; they are read at about this many characters a minute.
const CHARACTERS_PER_MINUTE = 500;

const BLOCK = { format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } };

const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  limits: { maxDepth: 60 },
  selectors: [
    { selector: 'a', options: { ignoreHref: true } },
    ...[
      'blockquote',
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'li',
      'ul',
      'ol',
      'td',
      'th',
      'tr',
      'table',
      'pre',
    ].map((selector) => ({ selector, ...BLOCK })),
    ...['img', 'hr', 'figcaption', 'script', 'style', 'iframe', 'noscript'].map((selector) => ({
      selector,
      format: 'skip',
    })),
  ],
};

/** Made once: making it takes longer than converting an article. */
const convert = compile(OPTIONS);

/** The beginning of an article as one line of plain text, at most `maxLength` long, cut after a sentence or a word. */
export function excerpt(html: string, maxLength: number): string {
  return cutText(plainText(html), maxLength);
}

/** HTML as one line of plain text: no tags, no link targets, no captions, no control characters. */
export function plainText(html: string): string {
  return foldText(convert(untangle(html)));
}

/** Whole minutes an adult needs to read this; at least one. */
export function readingMinutes(html: string): number {
  const text = plainText(html);
  const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;
  const characters = text.match(dense)?.length ?? 0;
  const words = text.replace(dense, ' ').match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
  return Math.max(1, Math.round(words / WORDS_PER_MINUTE + characters / CHARACTERS_PER_MINUTE));
}
