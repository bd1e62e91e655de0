import { prologOf } from './prolog.js';

/** The text that a feed's DTD declares for a name; undefined for any other name. */
export type DtdEntities = (name: string) => string | undefined;

const DECLARATION = /<!ENTITY\s+([a-z][a-z0-9]{1,30})\s+(?:"([^"%<]{0,200})"|'([^'%<]{0,200})')\s*>/gi;
const MAX_DECLARATIONS = 100;
const MAX_REPLACEMENTS = 10_000;

/**
 * The harmless entities of a feed's internal DTD: plain text, or one character reference. One that names another entity,
 * a file or a tag is left out, and after 10,000 uses nothing is put in any more, so that no input can grow without bound
 * (OWASP, XML External Entity Prevention: billion laughs).
 */
export function readDtdEntities(xml: string): DtdEntities {
  const values = new Map<string, string>();
  for (const [, name = '', double, single = ''] of prologOf(xml).matchAll(DECLARATION)) {
    const value = double ?? single;
    if (values.size < MAX_DECLARATIONS && !values.has(name) && isPlainValue(value))
      values.set(name, decodeValue(value));
  }
  let left = MAX_REPLACEMENTS;
  return (name) => {
    const value = left > 0 ? values.get(name) : undefined;
    if (value !== undefined) left -= 1;
    return value;
  };
}

function isPlainValue(value: string): boolean {
  return !value.includes('&') || /^&#(?:\d{1,7}|x[0-9a-f]{1,6});$/i.test(value);
}

function decodeValue(value: string): string {
  if (!value.startsWith('&')) return value;
  const code = /^&#x/i.test(value)
    ? Number.parseInt(value.slice(3), 16)
    : Number.parseInt(value.slice(2), 10);
  return characterOf(code);
}

/** U+FFFD for numbers that are no character. */
export function characterOf(code: number): string {
  return code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}
