import { plainText } from '../../clean/excerpt.js';
import type { DtdEntities } from './dtd-entities.js';

const XML_ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

/** What HTML calls its characters, as far as feeds have asked. */
const htmlEntityCache = new Map<string, string>();
const MAX_CACHED = 3000;

/**
 * References of XML, those that the feed's DTD declares in plain words, and those of HTML that feeds use without declaring
 * them. Any other stays as it is written: nothing that was put in is read again, or fetched (S37).
 */
export function decodeEntities(text: string, own?: DtdEntities): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,30}));/gi,
    (reference, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return XML_ENTITIES[name] ?? own?.(name) ?? decodeHtmlEntity(reference);
      return characterOf(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal));
    },
  );
}

function characterOf(code: number): string {
  return code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}

function decodeHtmlEntity(reference: string): string {
  const known = htmlEntityCache.get(reference);
  if (known !== undefined) return known;
  const decoded = plainText(reference) || reference;
  if (htmlEntityCache.size < MAX_CACHED) htmlEntityCache.set(reference, decoded);
  return decoded;
}
