import { splitWords } from '../text/split-words.js';

const TAG = /<[a-z][^<>]*>/gi;
const CLASS_ATTRIBUTE = / class="([^"]*)"/;

/** A rule without braces in it, as `selectors{declarations}`, in an at-rule or not; and an at-rule of which none is left. */
const RULE = /([^{}]+)\{([^{}]*)\}/g;
const EMPTY_AT_RULE = /@[^{};]+\{\}/g;

/**
 * Leaves out of a minified style sheet what is for no element of a page: in each rule the selectors with a class or an element
 * that the page does not have.
 */
export function trimStyleSheet(css: string, html: string): string {
  const present = new Set(
    Array.from(html.matchAll(TAG), ([tag]) => [tagName(tag), ...classesOf(tag)]).flat(),
  );
  const isUsed = (selector: string) => namesIn(selector).every((name) => present.has(name));
  return css
    .replace(RULE, (rule, selectors: string, declarations: string) => {
      if (selectors.startsWith('@')) return rule;
      const used = selectors.split(',').filter(isUsed);
      return used.length === 0 ? '' : `${used.join(',')}{${declarations}}`;
    })
    .replace(EMPTY_AT_RULE, '');
}

/** The classes and elements of a selector. */
function namesIn(selector: string): string[] {
  return selector.replace(/\[[^\]]*\]|[:#][\w-]+/g, ' ').match(/[a-z][\w-]*/gi) ?? [];
}

/** Removes classes that only the style sheet `inlined` has, which is written onto the elements already, and not `kept`. */
export function removeInlinedClasses(
  html: string,
  { inlined, kept }: { inlined: string; kept: string },
): string {
  const needed = new Set(classNamesIn(kept));
  const done = new Set(classNamesIn(inlined).filter((name) => !needed.has(name)));
  return html.replace(TAG, (tag) => {
    const classes = classesOf(tag);
    const left = classes.filter((name) => !done.has(name));
    if (left.length === classes.length) return tag;
    return tag.replace(CLASS_ATTRIBUTE, left.length === 0 ? '' : ` class="${left.join(' ')}"`);
  });
}

function tagName(tag: string): string {
  return /^<([a-z][^\s>]*)/i.exec(tag)?.[1]?.toLowerCase() ?? '';
}

function classesOf(tag: string): string[] {
  const [, names = ''] = CLASS_ATTRIBUTE.exec(tag) ?? [];
  return splitWords(names);
}

function classNamesIn(css: string): string[] {
  return Array.from(css.matchAll(/\.([a-z][\w-]*)/gi), ([, name = '']) => name);
}
