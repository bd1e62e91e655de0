/** The three ways in. */
export type InboundSource = 'smtp' | 'imap' | 'file';

/** A mail that came back, as it came. */
export type ReceivedMail = {
  source: InboundSource;
  raw: Buffer;
  /** Empty: the null reverse-path. Null: nothing tells. */
  envelopeFrom: string | null;
  envelopeTo: readonly string[];
};

/**
 * What became of one: it waits to be read; events were recorded; its recipient was unsubscribed; it was no report, and is
 * forwarded to the publisher; nothing follows from it; reading it failed.
 */
export const inboundStates = [
  'waiting',
  'recorded',
  'unsubscribed',
  'forwarded',
  'ignored',
  'failed',
] as const;
export type InboundState = (typeof inboundStates)[number];

/** How long a mail is kept as it came, in days; a return path is good for fewer. */
export const INBOUND_RETENTION_DAYS = 30;

/** Octets of a mail that is stored: a little more than Postfix' own message_size_limit of 10,240,000. */
export const MAX_INBOUND_BYTES = 10 * 1024 * 1024;

/** Recipients of one mail that are stored: as many as a server has to take (RFC 5321, section 4.5.3.1.8). */
export const MAX_INBOUND_RECIPIENTS = 100;
