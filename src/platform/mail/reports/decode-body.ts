/**
 * Decodes what was transmitted (RFC 2045 section 6) into text. An encoding or a charset that nobody knows is left as it is.
 * @param body one character for each octet
 */
export function decodeBody(body: string, encoding: string, charset: string | undefined): string {
  return decodeOctets(decodeTransferEncoding(body, encoding), charset);
}

function decodeTransferEncoding(body: string, encoding: string): Buffer {
  const name = encoding.trim().toLowerCase();
  if (name === 'base64') return Buffer.from(body, 'base64');
  return Buffer.from(name === 'quoted-printable' ? decodeQuotedPrintable(body) : body, 'latin1');
}

function decodeQuotedPrintable(body: string): string {
  // Blanks at a line's end were added on the way (RFC 2045 section 6.7).
  const lines = body.split('\n').map((line) => line.trimEnd());
  return lines
    .join('\n')
    .replace(/=\n/g, '')
    .replace(/=([\dA-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Octets that are UTF-8 are taken for that, whatever is said of them; else the charset that is said, else Latin-1. */
function decodeOctets(octets: Buffer, charset = 'utf-8'): string {
  if (charset === 'latin1') return octets.toString('latin1');
  const named = decodeStrictly(octets, charset);
  if (named !== undefined) return named;
  return decodeStrictly(octets, 'utf-8') ?? octets.toString('latin1');
}

function decodeStrictly(octets: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset.trim(), { fatal: true }).decode(octets);
  } catch {
    return undefined;
  }
}
