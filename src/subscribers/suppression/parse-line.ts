import { plainCell } from '../../platform/text/csv.js';
import { parseAddress, parseDomain } from '../address.js';
import type { TextLine } from './read-lines.js';

/** What a line of a file says not to mail: an address, or all addresses at a domain; undefined: the line says nothing. */
export type LineEntry =
  | { emailKey: string }
  | { domain: string }
  | { mistake: 'no-address' | 'too-long' | 'not-text' };

/**
 * The first cell with an @: an address, or a domain behind an @. So a table of any columns can be read whose first address is the one
 * that is meant. A first line without an @ is a heading.
 */
export function parseLine(line: TextLine): LineEntry | undefined {
  if (!('text' in line)) return { mistake: line.mistake };
  const text = line.text.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const cell = text
    .split(/[,;\t]/)
    .map(textOf)
    .find((one) => one.includes('@'));
  if (cell === undefined) return line.number === 1 ? undefined : { mistake: 'no-address' };
  if (cell.startsWith('@')) {
    const domain = parseDomain(cell);
    return domain === undefined ? { mistake: 'no-address' } : { domain };
  }
  const parsed = parseAddress(cell);
  return parsed.kind === 'address' ? { emailKey: parsed.address.key } : { mistake: 'no-address' };
}

/** Without quotes, and without what `csvLine` puts in front of a formula. */
function textOf(cell: string): string {
  return plainCell(cell.trim().replace(/^"(.*)"$/, '$1')).trim();
}
