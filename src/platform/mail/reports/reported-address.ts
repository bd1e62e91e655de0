/** Longer is no address (RFC 5321 section 4.5.3.1, with room for addresses beyond ASCII). */
const MAX_LENGTH = 400;

const ADDRESS =
  /(?:"(?:[^"\\\p{Cc}]|\\[^\p{Cc}]){1,64}"|[^\s\p{Cc}@<>()[\]"',:;\\]{1,64})@[^\s\p{Cc}@<>()[\]"',:;\\|]{1,255}/u;

/**
 * The address in a field such as Final-Recipient: 'rfc822; ada@example.com', 'utf-8; ada@example.com' or 'utf-8-addr-xtext;...'
 * (RFC 3464 section 2.3.2, RFC 6533 section 3). Undefined without one.
 */
export function readAddressField(value: string): string | undefined {
  const semicolon = value.indexOf(';');
  const type = value.slice(0, Math.max(semicolon, 0)).trim().toLowerCase();
  const rest = value.slice(semicolon + 1);
  return findAddress(type === 'utf-8' || type === 'utf-8-addr-xtext' ? decodeHexPoints(rest) : rest);
}

/** The first address in a text, without what stands around it. Undefined without one. */
function findAddress(text: string): string | undefined {
  const found = ADDRESS.exec(text.slice(0, 5_000))?.[0];
  return found === undefined || found.length > MAX_LENGTH ? undefined : trimAddress(found);
}

/** Every address in a text, each once; at most so many. */
export function findAddresses(text: string, limit: number): string[] {
  const found = new Set<string>();
  for (const [address] of text.matchAll(new RegExp(ADDRESS, 'gu'))) {
    if (found.size === limit) break;
    found.add(trimAddress(address));
  }
  return [...found];
}

/** 'SMTP=' is how X.400 names an address of the internet. */
function trimAddress(address: string): string {
  return address.replace(/^(?:smtp|rfc-?822)=/i, '').replace(/[.]+$/, '');
}

/** '\x{20AC}' is how a code point is written in ASCII (RFC 6533 section 3). */
function decodeHexPoints(text: string): string {
  return text.replace(/\\x\{([\dA-F]{1,6})\}/gi, (all, hex: string) => {
    const point = Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : all;
  });
}
