import { prologOf } from './feed-prolog.js';

/** What a feed's DTD calls some text of its own. Undefined for any other name. */
export type OwnEntities = (name: string) => string | undefined;

const DECLARATION = /<!ENTITY\s+([a-z][a-z0-9]{1,30})\s+(?:"([^"%<]{0,200})"|'([^'%<]{0,200})')\s*>/gi;
const MOST_NAMES = 100;
const MOST_USES = 10_000;

/**
 * The harmless entities of a feed's internal DTD: plain words, or one character reference. One that names another entity,
 * a file or a tag is none of them, and after 10,000 uses nothing is put in any more, so nothing can grow (S37).
 */
export function readOwnEntities(xml: string): OwnEntities {
  const values = new Map<string, string>();
  for (const [, name = '', double, single = ''] of prologOf(xml).matchAll(DECLARATION)) {
    const value = double ?? single;
    if (values.size < MOST_NAMES && !values.has(name) && isHarmless(value)) values.set(name, plainOf(value));
  }
  let left = MOST_USES;
  return (name) => {
    const value = left > 0 ? values.get(name) : undefined;
    if (value !== undefined) left -= 1;
    return value;
  };
}

function isHarmless(value: string): boolean {
  return !value.includes('&') || /^&#(?:\d{1,7}|x[0-9a-f]{1,6});$/i.test(value);
}

function plainOf(value: string): string {
  if (!value.startsWith('&')) return value;
  const code = /^&#x/i.test(value)
    ? Number.parseInt(value.slice(3), 16)
    : Number.parseInt(value.slice(2), 10);
  return code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}
