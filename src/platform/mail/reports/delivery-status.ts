import { readHeader, type Header } from './header.js';

/** More than any server sends in one report; what follows is not read. */
const MAX_BLOCKS = 1_000;
const STARTS_RECIPIENT = /^(?:final|original)-recipient$/;

/** What a delivery report has for one recipient (RFC 3464 section 2.3). */
export type RecipientFields = Header;

/**
 * The blocks for recipients of a part of the type message/delivery-status (RFC 3464) or message/global-delivery-status
 * (RFC 6533). Blocks that lack the empty line between them are told apart by the field that comes again.
 */
export function readRecipientBlocks(text: string): RecipientFields[] {
  const blocks: string[][] = [[]];
  let seen = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    const name = /^([\w-]+)[ \t]*:/.exec(line)?.[1]?.toLowerCase();
    const isNext = name !== undefined && STARTS_RECIPIENT.test(name) && seen.has(name);
    if (line.trim() === '' || isNext) {
      if (blocks.length > MAX_BLOCKS) break;
      blocks.push([]);
      seen = new Set();
    }
    if (name !== undefined) seen.add(name);
    blocks.at(-1)?.push(line);
  }
  return blocks.map(readHeader).filter(isRecipient);
}

function isRecipient(block: Header): boolean {
  return ['final-recipient', 'original-recipient', 'action', 'status'].some((name) => block.has(name));
}
