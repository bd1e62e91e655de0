/** Where an event came from. */
export type EventSource = 'smtp' | 'imap' | 'file' | 'ses' | 'mailgun' | 'postmark' | 'sendgrid' | 'brevo';

/** What an event says of one delivery to one recipient; what each does to the reader is in the policy. */
export type EventClass =
  'hard' | 'soft' | 'sender-fault' | 'delayed' | 'complaint' | 'unsubscribe' | 'auto-reply' | 'none';

/** Whom it is about: one mailbox, every mailbox of its domain, or us as the sender. */
export type EventScope = 'mailbox' | 'domain' | 'us';

/** What was heard of one mail after its server had accepted it, before it is matched to a delivery. */
export type IncomingEvent = {
  /** The same each time the same event comes in, and no other's: repeats change nothing. */
  key: string;
  source: EventSource;
  class: EventClass;
  scope: EventScope;
  /** The enhanced status (RFC 3463), such as '5.1.1'. */
  status?: string;
  /** The SMTP code, such as 550. */
  code?: number;
  /** The words of the server or provider; addresses are taken out before it is stored. */
  reason?: string;
  occurredAt: Date;
  /** Whom the report names; often redacted or absent in complaints. */
  recipient?: string;
  /** What may say which mail of ours it is about; each is verified. */
  match: {
    /** The local part it was returned to, with its MAC. */
    returnPath?: string;
    /** Message-IDs found in it, with or without angle brackets. Ours are signed. */
    messageIds: readonly string[];
    /** What the provider called the mail when it took it. Counts only when `isAuthenticated`. */
    providerMessageId?: string;
  };
  /** The webhook proved that the provider sent it. Mail proves nothing by itself. */
  isAuthenticated: boolean;
  /** The stored mail it was read from. */
  inboundMailId?: string;
};
