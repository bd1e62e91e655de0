import { escapeHtml } from '../../platform/text/escape-html.js';
import { decodeEntities } from './xml/decode-entities.js';
import { cleanLine } from '../clean/clean-text.js';
import { spellFormulas } from '../clean/formula.js';
import { plainText } from '../clean/excerpt.js';

/** Words of a feed, and whether they are HTML. Many feeds do not say: then it is `unsure`. */
export type Markup = { text: string; kind: 'html' | 'text' | 'unsure' };

const TAGS =
  'a|abbr|b|big|blockquote|br|center|cite|code|div|em|font|h[1-6]|i|img|ins|kbd|li|mark|ol|p|pre|q|s|small|span|strike|strong|sub|sup|table|td|tr|tt|u|ul|var';
const BLOCKS = 'blockquote|div|figure|h[1-6]|ol|p|pre|table|ul';
const OPENING_TAG = new RegExp(`<(?:${TAGS})(?:\\s[^<>]*)?/?>`, 'i');
const CLOSING_TAG = new RegExp(`</(?:${TAGS})\\s*>`, 'i');
const BREAKING_TAG = /<\/?(?:blockquote|br|center|div|h[1-6]|li|ol|p|pre|table|td|tr|ul)(?:\s[^<>]*)?\/?>/gi;
const ALL_TAGS = new RegExp(`</?(?:${TAGS})(?:\\s[^<>]*)?/?>`, 'gi');
const CODE = /<(script|style)\b[^>]*>[^]*?(?:<\/\1\s*>|$)/gi;

/** No tag, but the source of one from the first block to the end of the last. */
const ESCAPED_TWICE = new RegExp(
  `^\\s*&lt;(?:${BLOCKS})(?:\\s(?:(?!&gt;)[^])*)?&gt;[^]*&lt;/(?:${BLOCKS})\\s*&gt;\\s*$`,
  'i',
);

/** HTML for the sanitiser. Plain text keeps its paragraphs and line breaks; what was escaped twice is read once more. */
export function markupToHtml(markup: Markup | undefined): string {
  if (!markup) return '';
  if (markup.kind === 'text') return toParagraphs(escapeHtml(markup.text));
  const html = revealWords(markup.text);
  if (hasTags(html)) return html;
  return ESCAPED_TWICE.test(html) ? decodeEntities(html) : toParagraphs(html);
}

/**
 * A title as one line of plain text. Only tags that HTML knows are markup: a headline about `List<String>` keeps its
 * type, one about `<b>bold</b>` words loses the tags.
 */
export function markupToLine(markup: Markup | undefined): string {
  if (!markup) return '';
  if (markup.kind === 'text' || (markup.kind === 'unsure' && !CLOSING_TAG.test(markup.text)))
    return cleanLine(markup.text);
  const words = spellFormulas(revealWords(markup.text.slice(0, 10_000)))
    .replace(CODE, '')
    .replace(BREAKING_TAG, ' ')
    .replace(ALL_TAGS, '');
  return plainText(words.replaceAll('<', '&lt;'));
}

/** `<!` and `</` that begin nothing that HTML knows (`<!'`, `</3`): a browser takes what follows for a comment. */
const LONE_BRACKET = /<(?=!(?!--|doctype\b|\[)|\/(?![a-z>\s]))/gi;
const CDATA = /<!\[CDATA\[([^]*?)(?:\]\]>|$)/gi;
const UNENDED_COMMENT = /<!--[^\n]*/g;

/** HTML in which nothing hides words by mistake. A comment that nobody ends is a comment to the end of its line. */
function revealWords(html: string): string {
  if (!html.includes('<!') && !html.includes('</')) return html;
  const text = html.replace(CDATA, '$1').replace(LONE_BRACKET, '&lt;');
  const end = text.lastIndexOf('-->') + 1;
  return text.slice(0, end) + text.slice(end).replace(UNENDED_COMMENT, '');
}

function hasTags(text: string): boolean {
  return OPENING_TAG.test(text);
}

function toParagraphs(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => `<p>${paragraph.trim().replace(/\n/g, '<br>')}</p>`)
    .join('\n');
}
