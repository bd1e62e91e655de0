import { compile } from 'html-to-text';
import { untangle } from '../articles/untangle.js';

const BLOCK = { leadingLineBreaks: 2, trailingLineBreaks: 2 };

/** Made once: making it takes longer than converting an article. */
const convert = compile({
  wordwrap: false,
  limits: { maxDepth: 60 },
  selectors: [
    {
      selector: 'a',
      options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true, linkBrackets: ['<', '>'] },
    },
    { selector: 'ul', options: { itemPrefix: '- ' } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
      selector,
      options: { ...BLOCK, uppercase: false },
    })),
    ...['img', 'figure', 'iframe', 'script', 'style', 'table'].map((selector) => ({
      selector,
      format: selector === 'figure' || selector === 'table' ? 'block' : 'skip',
      options: BLOCK,
    })),
  ],
});

/** A whole article for the text part of a mail: its paragraphs, with the addresses of its links in brackets. */
export function articleText(html: string): string {
  return convert(untangle(html)).trim();
}
