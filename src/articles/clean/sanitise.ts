import sanitizeHtml, { type Attributes, type IOptions, type Tag } from 'sanitize-html';
import { splitWords } from '../../platform/text/split-words.js';
import { absoluteLink } from './absolute-url.js';
import { cleanText } from './clean-text.js';
import { plainText } from './excerpt.js';
import { spellFormulas } from './formula.js';
import { isBoilerplate, isShareLink, isSignUpForm } from './boilerplate.js';
import { markedLink, linkToMedia, placeMediaLinks } from './media-link.js';
import { useNoscriptImages } from './noscript-images.js';
import { isPasswordForm } from './protected-post.js';
import { resolveImage } from './resolve-image.js';
import { tidyHtml } from './tidy-html.js';
import { limitNesting } from './limit-nesting.js';

const MAX_PASSES = 8;

/** `tidyHtml` takes bare spans away: the element goes, what is inside stays. */
const UNWRAP: Tag = { tagName: 'span', attribs: {} };

const TEXT_BLOCKS = splitWords('p div blockquote h1 h2 h3 h4 h5 h6 ul ol li dl dt dd');
const TABLES = splitWords('table caption thead tbody tfoot tr td th');
const INLINE = splitWords('a abbr b cite code del em i ins kbd mark q s small span strong sub sup u var br');

const DIRECTED = [...TEXT_BLOCKS, 'table', 'caption', 'figcaption'].filter((tag) => tag !== 'ol');

const OPTIONS: IOptions = {
  allowedTags: [...TEXT_BLOCKS, ...TABLES, ...INLINE, 'hr', 'img', 'pre', 'figure', 'figcaption'],
  allowedAttributes: {
    a: ['href', 'title'],
    abbr: ['title'],
    img: ['src', 'alt', 'title', 'width', 'height'],
    ol: ['start', 'type', 'dir', 'lang'],
    td: ['colspan', 'rowspan', 'dir', 'lang'],
    th: ['colspan', 'rowspan', 'dir', 'lang'],
    pre: ['dir'],
    code: ['dir'],
    kbd: ['dir'],
    ...Object.fromEntries(DIRECTED.map((tag) => [tag, ['dir', 'lang']])),
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowedSchemesByTag: { img: ['https'] },
  allowProtocolRelative: false,
  nestingLimit: 40,
  nonTextTags: splitWords(
    'script style template noscript iframe object embed applet svg math canvas head title map audio video xmp ' +
      'plaintext noembed noframes textarea select option optgroup datalist button label legend',
  ),
};

/**
 * A feed's HTML, made fit for mail, archive and dashboard: allow-listed tags, absolute http, https and mailto links,
 * https images without trackers, films as plain links, formulas as words, headings from h3 down, nothing that runs, submits or styles.
 * What it returns it returns unchanged when asked again. `baseUrl` resolves relative links; without it they go.
 */
export function sanitiseHtml(html: string, baseUrl: string | undefined): string {
  const options = createOptions(baseUrl);
  const isImage = (part: string) => sanitizeHtml(part, options).includes('<img ');
  let current = useNoscriptImages(cleanText(spellFormulas(limitNesting(html))), isImage);
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    // Dropping one element can bring two others together that may not nest, so look again until nothing moves.
    const next = tidyHtml(cleanText(placeMediaLinks(sanitizeHtml(current, options))));
    if (next === current) return current;
    current = next;
  }
  return sanitizeHtml(plainText(current), { allowedTags: [], allowedAttributes: {} });
}

/**
 * sanitize-html mixes up end tags after a transformation to a tag that is not allowed, so every element becomes an
 * allowed one here; those to drop with their content are marked and filtered at their end.
 */
function createOptions(baseUrl: string | undefined): IOptions {
  const dropped = new WeakSet<object>();
  const drop = (): Tag => {
    const attribs = {};
    dropped.add(attribs);
    return { tagName: 'div', attribs };
  };
  const leftToRight = (tagName: string, attribs: Attributes): Tag =>
    isBoilerplate(attribs) ? drop() : { tagName, attribs: { dir: 'ltr' } };
  const keep = (tagName: string, attribs: Attributes) =>
    isBoilerplate(attribs) ? drop() : { tagName, attribs };
  let sources: Attributes[] = [];
  let isInPicture = false;
  const img = (_: string, attributes: Attributes): Tag =>
    image(attributes, isInPicture ? sources : [], baseUrl);
  return {
    ...OPTIONS,
    exclusiveFilter: ({ attribs }) => dropped.has(attribs),
    onOpenTag: (tag, attributes) => {
      if (tag === 'picture') [isInPicture, sources] = [true, []];
      if (tag === 'source' && isInPicture) sources.push(attributes);
    },
    onCloseTag: (tag) => {
      if (tag === 'picture') isInPicture = false;
    },
    transformTags: {
      a: (_, attributes) =>
        isBoilerplate(attributes) || isShareLink(attributes['href']) ? drop() : anchor(attributes, baseUrl),
      form: (_, attributes) =>
        isBoilerplate(attributes) || isSignUpForm(attributes) || isPasswordForm(attributes)
          ? drop()
          : { tagName: 'div', attribs: {} },
      img,
      // Of AMP, whose pages load no other pictures.
      'amp-img': img,
      iframe: (tag, attributes) => linkToMedia(tag, attributes, baseUrl),
      video: (tag, attributes) => linkToMedia(tag, attributes, baseUrl),
      audio: (tag, attributes) => linkToMedia(tag, attributes, baseUrl),
      // Code runs from left to right in whatever language it is told of.
      ...Object.fromEntries(['pre', 'code', 'kbd'].map((tag) => [tag, leftToRight])),
      '*': keep,
    },
  };
}

function anchor({ href, title }: Attributes, baseUrl: string | undefined): Tag {
  const link = absoluteLink(href, baseUrl);
  return link ? { tagName: 'a', attribs: { href: link, ...(title && { title }) } } : UNWRAP;
}

function image(attributes: Attributes, sources: readonly Attributes[], baseUrl: string | undefined): Tag {
  const read = resolveImage(attributes, sources, baseUrl);
  if (read.kind === 'emoji') return { tagName: 'span', attribs: {}, text: read.text };
  if (read.kind === 'link') return markedLink(read.href, read.text);
  return read.kind === 'image' ? { tagName: 'img', attribs: read.attributes } : UNWRAP;
}
