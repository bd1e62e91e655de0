import { compile, type HtmlToTextOptions } from 'html-to-text';
import { truncateAfterSentence, cleanLine } from './clean-text.js';
import { limitNesting } from './limit-nesting.js';

const WORDS_PER_MINUTE = 230;
// Chinese, Japanese and Thai put no spaces between words; they are read at about this many characters a minute.
const CHARACTERS_PER_MINUTE = 500;

const BLOCK = { format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } };

const TEXT_OPTIONS: HtmlToTextOptions = {
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

/** What no excerpt begins with, though it is read: headings, code and tables. */
const NON_PROSE_ELEMENTS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'table'];

const OPENING_OPTIONS: HtmlToTextOptions = {
  ...TEXT_OPTIONS,
  selectors: [
    ...(TEXT_OPTIONS.selectors ?? []),
    ...NON_PROSE_ELEMENTS.map((selector) => ({ selector, format: 'skip' })),
  ],
};

/** Made once: making it takes longer than converting an article. */
const convertToText = compile(TEXT_OPTIONS);
const convertOpeningToText = compile(OPENING_OPTIONS);

/** Of a summary in mails, on pages and in the API, in UTF-16 units: two or three sentences. */
export const MAX_SUMMARY_CHARS = 300;

/** The beginning of an article as one line of plain text, at most `maxLength` long, cut after a sentence or a word. */
export function excerpt(html: string, maxLength: number): string {
  return truncateAfterSentence(openingText(html), maxLength);
}

/** A link with a paragraph of its own: a film, or a way somewhere else. */
const LONE_LINK = /<p>\s*<a [^>]*>[^<]*<\/a>\s*<\/p>/g;

/** The sentences of some HTML as one line: without headings, code, tables and lone links, unless there is nothing else. */
export function openingText(html: string): string {
  const sentences = cleanLine(convertOpeningToText(limitNesting(html.replace(LONE_LINK, ''))));
  return sentences || plainText(html);
}

/** HTML as one line of plain text: no tags, no link targets, no captions, no control characters. */
export function plainText(html: string): string {
  return cleanLine(convertToText(limitNesting(html)));
}

/** Whole minutes an adult needs to read this; at least one. */
export function readingMinutes(html: string): number {
  const text = plainText(html);
  const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;
  const characters = text.match(dense)?.length ?? 0;
  const words = text.replace(dense, ' ').match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
  return Math.max(1, Math.round(words / WORDS_PER_MINUTE + characters / CHARACTERS_PER_MINUTE));
}
