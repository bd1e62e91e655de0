import { compile, type FormatCallback } from 'html-to-text';
import { untangle } from '../articles/untangle.js';

const BLOCK = { leadingLineBreaks: 2, trailingLineBreaks: 2 };

/** Set in by four blanks, as in Markdown: such lines keep their breaks and their blanks. */
const code: FormatCallback = (element, walk, builder) => {
  builder.openBlock({ isPre: true, leadingLineBreaks: 2 });
  walk(element.children, builder);
  builder.closeBlock({
    trailingLineBreaks: 2,
    blockTransform: (lines) => lines.replace(/^(?=.)/gm, '    '),
  });
};

/** Made once: making it takes longer than converting an article. */
const convert = compile({
  wordwrap: false,
  limits: { maxDepth: 60 },
  formatters: { code },
  selectors: [
    {
      selector: 'a',
      options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true, linkBrackets: ['<', '>'] },
    },
    { selector: 'ul', options: { itemPrefix: '- ' } },
    { selector: 'pre', format: 'code' },
    { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false, maxColumnWidth: 30 } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
      selector,
      options: { ...BLOCK, uppercase: false },
    })),
    ...['img', 'figure', 'iframe', 'script', 'style'].map((selector) => ({
      selector,
      format: selector === 'figure' ? 'block' : 'skip',
      options: BLOCK,
    })),
  ],
});

/** A whole article for the text part of a mail: its paragraphs, with the addresses of its links in brackets. */
export function articleText(html: string): string {
  return convert(untangle(html)).trim();
}
