/** Who it is from and to, as MAIL and RCPT say it. An empty `from` is the null sender. */
export type Envelope = { from: string; to: string };

/**
 * A message as its bytes go on the wire between DATA and the final dot: CRLF line ends, leading dots doubled, CRLF at the
 * end. Made by `wireContent` and by filling a message template, and by nobody else. `length` is that of all chunks.
 */
export type WireContent = { readonly chunks: readonly Uint8Array[]; readonly length: number };

export type Message = { envelope: Envelope; content: WireContent };

/** One message to one reader, on its way to a mail server. */
export type SendRequest = {
  /**
   * Asked when a connection is free for it: what to send, or undefined when it is not wanted any more. Asked again when
   * that connection could not begin it after all. A promise costs the connection a round trip, so it is for the exception.
   */
  message(): Message | undefined | Promise<Message | undefined>;
  /**
   * The whole body is out and the server waits for the final dot. True lets the dot go; false withdraws the message. What
   * must be known after a crash is to be durable before it answers. Asked once at most.
   */
  beforeDot(): boolean | Promise<boolean>;
  /** Goes before all that are not. */
  urgent?: boolean;
};

/**
 * A whole message as it goes on the wire (RFC 5321 section 4.5.2): line ends are CRLF, a dot that begins a line is
 * doubled, and it ends in CRLF so that the final dot can follow. A lone CR or LF becomes CRLF, or a lenient server would
 * see a line end, and perhaps the end of the message, where a strict one sees none.
 */
export function toWireContent(raw: Buffer): WireContent {
  const text = raw.toString('latin1');
  const body = NEEDS_ENCODING.test(text) ? Buffer.from(stuffDots(text), 'latin1') : raw;
  const chunks = body.at(-1) === LF ? [body] : [body, CRLF];
  return { chunks, length: chunks.reduce((sum, { length }) => sum + length, 0) };
}

const NEEDS_ENCODING = /^\.|\n\.|\r(?!\n)|(?<!\r)\n/;
const LF = 0x0a;
const CRLF = Buffer.from('\r\n');

function stuffDots(raw: string): string {
  return raw.replace(/\r\n|\r|\n/g, '\r\n').replace(/(^|\r\n)\./g, '$1..');
}
