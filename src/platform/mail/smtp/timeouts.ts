import { MINUTE_MS, SECOND_MS } from '../../durations.js';

/** How long to wait, in milliseconds. */
export type Timeouts = {
  /**
   * From looking up the host to the TCP connection. What waits for a slow greeting is given back after as long, so that
   * operators hear of it, and the greeting is still waited for.
   */
  connect: number;
  /** From looking up the host to the greeting, and for each reply of the TLS and login steps after it. */
  greeting: number;
  /** For the replies to EHLO, MAIL, RCPT, RSET. */
  command: number;
  /** For the reply to DATA. */
  data: number;
  /** For the operating system to take each 64 KB of the body. */
  block: number;
  /** For the reply to the final dot: giving up sooner makes duplicates (RFC 1047). */
  finalDot: number;
  /** For how long an idle connection is kept open. */
  idle: number;
  /** For messages that are being sent when the connections are closed. */
  closing: number;
};

/** Those of RFC 5321 section 4.5.3.2; `connect`, `idle` and `closing` are our own. */
export const DEFAULT_TIMEOUTS_MS: Timeouts = {
  connect: 20 * SECOND_MS,
  greeting: 5 * MINUTE_MS,
  command: 5 * MINUTE_MS,
  data: 2 * MINUTE_MS,
  block: 3 * MINUTE_MS,
  finalDot: 10 * MINUTE_MS,
  idle: 10 * SECOND_MS,
  closing: 20 * SECOND_MS,
};
