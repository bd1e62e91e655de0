import { firstStrongDirection, hasRightToLeft, type Direction } from './direction.js';
import { splitWords } from './split-words.js';

const TEXT_BLOCKS = new Set(
  splitWords('p div blockquote h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption th td figcaption'),
);
/** Code runs from left to right in whatever language it is told of. */
const CODE = new Set(['pre', 'code', 'kbd']);
const VOID_ELEMENTS = new Set(splitWords('area base br col embed hr img input link meta source track wbr'));
const TOKENS = /(<!--[^]*?-->|<[^<>]*>)/;
const TAG = /^<(\/?)([a-z][a-z0-9-]*)/i;
const DIR = /\sdir="([^"]*)"/i;

/** `isMixed`: something in it, or what it is in, is from right to left. */
type Part = { isMixed: boolean };

type Element = {
  tag: string;
  /** The part with `dir="auto"` that it is, or is in. */
  part: Part | undefined;
  isAuto: boolean;
  /** Its own, or that of the first strong letter in it. */
  direction: Direction | undefined;
  /** Its direction does not come from its text. */
  isFixed: boolean;
};

/**
 * Says in HTML what `dir="auto"` leaves to browsers, because mail programs do not know it: the element gets the direction of
 * its first strong letter, as HTML's living standard has it in section 3.2.6.4, and so does every text block in it that has
 * none of its own. Code stays from left to right. A part without letters has the direction of the page, and so has one that is
 * all from left to right, in a page that is too: they need not say it.
 * @param outer the direction of the page
 */
export function resolveDirections(html: string, outer: Direction): string {
  if (!html.includes('dir="auto"')) return html;
  const tokens = html.split(TOKENS);
  const elements = readElements(tokens);
  return tokens.map((token, at) => writeTag(token, elements.get(at), outer)).join('');
}

/** By the place of their opening tags; only those in parts with `dir="auto"`. */
function readElements(tokens: readonly string[]): Map<number, Element> {
  const elements = new Map<number, Element>();
  const open: Element[] = [];
  for (const [at, token] of tokens.entries()) {
    const [, slash, name = ''] = at % 2 === 1 ? (TAG.exec(token) ?? []) : [];
    const tag = name.toLowerCase();
    if (at % 2 === 0) readText(token, open);
    else if (slash === '/') close(tag, open);
    else if (tag !== '' && !VOID_ELEMENTS.has(tag)) {
      const element = readElement(tag, token, open);
      open.push(element);
      if (element.part !== undefined) elements.set(at, element);
    }
  }
  return elements;
}

function readElement(tag: string, token: string, open: readonly Element[]): Element {
  const part = open.at(-1)?.part;
  const own = DIR.exec(token)?.[1]?.toLowerCase();
  const isAuto = own === 'auto';
  const given = own === 'ltr' || own === 'rtl' ? own : undefined;
  const direction = part !== undefined && CODE.has(tag) ? 'ltr' : given;
  if (part !== undefined) part.isMixed ||= given === 'rtl';
  return {
    tag,
    part: isAuto ? (part ?? { isMixed: open.some((around) => around.direction === 'rtl') }) : part,
    isAuto,
    direction,
    isFixed: direction !== undefined || tag === 'bdi',
  };
}

/** A tag without a partner closes nothing. */
function close(tag: string, open: Element[]): void {
  const at = open.findLastIndex((element) => element.tag === tag);
  if (at !== -1) open.length = at;
}

function readText(token: string, open: readonly Element[]): void {
  const part = open.at(-1)?.part;
  if (part === undefined) return;
  const text = token.replace(/&#?\w+;/g, ' ');
  const direction = firstStrongDirection(text);
  if (direction === undefined) return;
  part.isMixed ||= hasRightToLeft(text);
  for (const element of open.toReversed()) {
    if (element.isFixed) return;
    element.direction ??= direction;
    // The text of an element with a dir says nothing of what is around it.
    if (element.isAuto) return;
  }
}

function writeTag(token: string, element: Element | undefined, outer: Direction): string {
  if (element === undefined) return token;
  const { tag, part, isAuto, direction } = element;
  const isPlain = outer === 'ltr' && part?.isMixed !== true;
  if (!isAuto && (isPlain || !(TEXT_BLOCKS.has(tag) || CODE.has(tag)))) return token;
  const own = direction === undefined || isPlain ? '' : ` dir="${direction}"`;
  if (DIR.test(token)) return token.replace(DIR, own);
  return token.replace(TAG, (start) => start + own);
}
