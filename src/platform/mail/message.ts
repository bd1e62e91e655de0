/** Who it is from and to, as MAIL and RCPT say it. An empty `from` is the null sender. */
export type Envelope = { from: string; to: string };

/**
 * A message as its bytes are sent between DATA and the final dot: CRLF line ends, leading dots doubled, CRLF at the end.
 * Made only by `toWireContent` and `fillTemplate`. `length` is that of all chunks, in bytes.
 */
export type WireContent = { readonly chunks: readonly Uint8Array[]; readonly length: number };

export type Message = { envelope: Envelope; content: WireContent };

/** One message to one reader, to be sent to a mail server. */
export type SendRequest = {
  /**
   * Called when a connection is free for it: what to send, or undefined to call it off. Called again when that connection
   * could not begin it after all. A promise costs the connection a round trip, so return one only exceptionally.
   */
  message(): Message | undefined | Promise<Message | undefined>;
  /**
   * Called once at most, when the whole body is out and the server waits for the final dot. True sends the dot; false
   * withdraws the message. What must be known after a crash has to be durable before it resolves.
   */
  beforeFinalDot(): boolean | Promise<boolean>;
  /** Sent before all that are not urgent. */
  urgent?: boolean;
};

/**
 * A whole message as it is sent (RFC 5321 section 4.5.2): line ends are CRLF, a dot that begins a line is doubled, and it
 * ends in CRLF so that the final dot can follow. A lone CR or LF becomes CRLF, or a lenient server would see a line end,
 * and perhaps the end of the message, where a strict one sees none (SMTP smuggling, https://smtpsmuggling.com).
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
