import { decodeHTMLStrict } from 'entities';
import { characterOf, type DtdEntities } from './dtd-entities.js';

const XML_ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

/**
 * The text with its references put in: those of XML, those that the feed's DTD declares as plain text, and those of HTML,
 * which feeds use without declaring them. Any other stays as it is written. What was put in is not read again, and nothing
 * is fetched (OWASP, XML External Entity Prevention).
 */
export function decodeEntities(text: string, declared?: DtdEntities): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,30}));/gi,
    (reference, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return XML_ENTITIES[name] ?? declared?.(name) ?? decodeHTMLStrict(reference);
      return characterOf(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal));
    },
  );
}
