/** How long to wait, in milliseconds. */
export type Timeouts = {
  /** From looking up the host to the greeting, and each answer of the TLS and login steps after it. */
  greeting: number;
  /** For the answers to EHLO, MAIL, RCPT, RSET. */
  command: number;
  /** For the answer to DATA. */
  data: number;
  /** To get each 64 KB of the body out of our hands. */
  block: number;
  /** For the answer to the final dot: giving up sooner makes duplicates (RFC 1047). */
  dot: number;
  /** An idle connection is kept open this long. */
  idle: number;
  /** When closing, messages on the wire get this long to finish. */
  closing: number;
};

const MINUTE_MS = 60_000;

/** RFC 5321 section 4.5.3.2, and two of our own. */
export const DEFAULT_TIMEOUTS_MS: Timeouts = {
  greeting: 5 * MINUTE_MS,
  command: 5 * MINUTE_MS,
  data: 2 * MINUTE_MS,
  block: 3 * MINUTE_MS,
  dot: 10 * MINUTE_MS,
  idle: 10_000,
  closing: 20_000,
};
