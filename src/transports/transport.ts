import type { TransportLimits } from '../platform/mail/smtp/smtp-url-parameters.js';

/** A server of SMTP_URL that has its row. */
export type RegisteredTransport = {
  readonly id: number;
  /** Host and port. */
  readonly name: string;
  readonly limits: TransportLimits;
  /** Null until it is first used. Whoever reads the date from the database stores it here, so that it is read once. */
  firstUsedAt: Date | null;
};
