/**
 * A body as it goes on the wire (RFC 5321 section 4.5.2): a dot that begins a line is doubled, and it ends in CRLF so that
 * the final dot can follow. Bare CR and LF around a dot are made CRLF first, or a lenient server would end the message
 * there and take the rest for commands.
 */
export function dotStuffed(raw: Buffer): Buffer {
  const isPlain = raw[0] !== DOT && !raw.includes('\n.') && !raw.includes('\r.');
  const body = isPlain ? raw : Buffer.from(stuffed(raw.toString('latin1')), 'latin1');
  return body.at(-1) === LF && body.at(-2) === CR ? body : Buffer.concat([body, CRLF]);
}

const [CR, LF, DOT] = [0x0d, 0x0a, 0x2e];
const CRLF = Buffer.from('\r\n');

function stuffed(raw: string): string {
  return raw.replace(/\r\n|\r|\n/g, '\r\n').replace(/(^|\r\n)\./g, '$1..');
}
