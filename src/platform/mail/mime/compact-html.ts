import { splitWords } from '../../text/split-words.js';
import { readHtmlTokens, type HtmlToken } from './html-tokens.js';

/** Blanks at their edges show nowhere (CSS Text Module Level 3, section 4.1). */
const BLOCKS = new Set(
  splitWords(
    'html head title meta style body div p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption thead tbody tfoot tr th td ' +
      'blockquote figure figcaption hr br pre center section article header footer main nav aside address',
  ),
);

/** Style by which blanks count inside an element, and beside one that is no block any more. */
const BLANKS_COUNT_INSIDE = /white-space/i;
const BLANKS_COUNT_BESIDE = /display\s*:\s*inline/i;

/**
 * The same document in fewer octets: without blanks that show nowhere, and without quotes that HTML does not need (HTML
 * Standard, section 13.1.2.3). Addresses keep theirs, for programs that look for links without reading HTML.
 */
export function compactHtml(html: string): string {
  const tokens = readHtmlTokens(html);
  if (tokens === undefined || tokens.some(makesBlanksCount)) return html;
  return tokens.map((token, at) => compactToken(token, tokens[at - 1], tokens[at + 1])).join('');
}

function makesBlanksCount(token: HtmlToken): boolean {
  if (token.kind === 'tag') {
    // In a code block they count anyway.
    if (token.name !== 'pre' && BLANKS_COUNT_INSIDE.test(token.source)) return true;
    return isBlock(token) && BLANKS_COUNT_BESIDE.test(token.source);
  }
  const isSheet = token.kind === 'text' && token.inside === 'style';
  return isSheet && (BLANKS_COUNT_INSIDE.test(token.source) || BLANKS_COUNT_BESIDE.test(token.source));
}

function compactToken(token: HtmlToken, before?: HtmlToken, after?: HtmlToken): string {
  if (token.kind === 'tag') return compactTag(token.source);
  if (token.kind === 'comment' || token.inside !== undefined) return token.source;
  let text = token.source.replace(/[\t\n\f\r ]+/g, ' ');
  if (isBlock(before)) text = text.replace(/^ /, '');
  return isBlock(after) ? text.replace(/ $/, '') : text;
}

function isBlock(token: HtmlToken | undefined): boolean {
  return token?.kind === 'tag' && BLOCKS.has(token.name.replace('/', ''));
}

const ATTRIBUTE_PARTS = /=(["'])([\w#.%-]+)\1(?=[\t\n\f\r >])|"[^"]*"|'[^']*'|[\t\n\f\r ]+/g;

function compactTag(tag: string): string {
  return tag.replace(ATTRIBUTE_PARTS, (part, _quote: string | undefined, value: string | undefined) => {
    if (value !== undefined) return `=${value}`;
    return /^["']/.test(part) ? part : ' ';
  });
}
