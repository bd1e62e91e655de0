/** The addresses of MAIL and RCPT (RFC 5321 section 2.3.1). An empty `from` is the null reverse-path (section 4.5.5). */
export type Envelope = { from: string; to: string };

/**
 * The bytes that are sent between DATA and the final dot: CRLF line ends, leading dots doubled, CRLF at the end. Only
 * `toWireContent` and `fillTemplate` make it. `length` is that of all chunks, in bytes.
 */
export type WireContent = { readonly chunks: readonly Uint8Array[]; readonly length: number };

export type Message = { envelope: Envelope; content: WireContent };

/** A request to send one message to one reader. */
export type SendRequest = {
  /**
   * Called when a connection is free: returns what to send, or undefined to withdraw the message. Called again when that
   * connection could not begin it. A promise costs the connection a round trip, so return one only exceptionally.
   */
  message(): Message | undefined | Promise<Message | undefined>;
  /**
   * Called at most once, when the whole body has been sent and the server waits for the final dot. True sends the dot; false
   * withdraws the message. What must be known after a crash has to be stored before it resolves.
   */
  beforeFinalDot(): boolean | Promise<boolean>;
  /** Sent before all messages that are not urgent. */
  urgent?: boolean;
};

/**
 * Converts a whole message to what is sent (RFC 5321 section 4.5.2): CRLF line ends, leading dots doubled, and CRLF at the end
 * so that the final dot can follow. A lone CR or LF becomes CRLF: some servers take it for a line end, and perhaps for the end
 * of the message, where others do not (SMTP smuggling, https://smtpsmuggling.com).
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
