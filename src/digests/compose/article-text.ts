import { compile, type FormatCallback } from 'html-to-text';
import { limitNesting } from '../../articles/clean/limit-nesting.js';

const BLOCK = { leadingLineBreaks: 2, trailingLineBreaks: 2 };
const LINE = { leadingLineBreaks: 1, trailingLineBreaks: 1 };

/** Indented by four spaces, as in Markdown; its lines keep their breaks and spaces. */
const formatCodeBlock: FormatCallback = (element, walk, builder) => {
  builder.openBlock({ isPre: true, leadingLineBreaks: 2 });
  walk(element.children, builder);
  builder.closeBlock({
    trailingLineBreaks: 2,
    blockTransform: (lines) => lines.replace(/^(?=.)/gm, '    '),
  });
};

/** An image becomes its description in square brackets; one without a description is left out. */
const formatImageAlt: FormatCallback = (element, _, builder) => {
  const { alt = '' } = element.attribs;
  if (alt.trim() !== '') builder.addInline(`[${alt.trim()}]`);
};

/** A link around an image usually leads to the same image, larger: it is left out. */
const LINKED_IMAGE = /<a [^>]*>\s*(<img [^>]*>)\s*<\/a>/g;

/** A paragraph of nothing but a picture that nobody described: it would be two empty lines. */
const UNDESCRIBED_IMAGE = /<p>\s*<img [^>]*alt="\s*"[^>]*>\s*<\/p>/g;

/** Made once: making it takes longer than converting an article. */
const convert = compile({
  wordwrap: false,
  limits: { maxDepth: 60 },
  formatters: { code: formatCodeBlock, described: formatImageAlt },
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
    { selector: 'img', format: 'described' },
    ...['figure', 'figcaption', 'dl'].map((selector) => ({ selector, format: 'block', options: BLOCK })),
    ...['dt', 'dd'].map((selector) => ({ selector, format: 'block', options: LINE })),
    ...['iframe', 'script', 'style'].map((selector) => ({ selector, format: 'skip' })),
  ],
});

/** A whole article for the text part of a mail: its paragraphs, with the addresses of its links in brackets. */
export function articleText(html: string): string {
  return convert(limitNesting(html.replace(LINKED_IMAGE, '$1').replace(UNDESCRIBED_IMAGE, ''))).trim();
}
