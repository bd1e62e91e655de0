import type { Diagnosis } from '../classify/diagnosis.js';
import type { EventClass, EventScope } from '../classify/event-class.js';

/** What kind of mail came back. */
export type ReportKind =
  /** A delivery report (RFC 3464, RFC 6533). */
  | 'delivery-status'
  /** A complaint or another feedback report (RFC 5965). */
  | 'feedback'
  /** A bounce in words only, as servers write that know no RFC 3464. */
  | 'bounce-text'
  /** An absence note or another automatic answer (RFC 3834). */
  | 'auto-reply'
  /** A question that a sender has to answer before the mail is let through. */
  | 'challenge'
  /** A disposition notification (RFC 8098): read, or deleted unread. */
  | 'disposition'
  /** Anything else: a person's mail, for example. */
  | 'other';

/** What a report says of one recipient. All texts are cut to a length that can be stored, without control characters. */
export type ReportedRecipient = {
  /** The address we mailed, where the report says so, otherwise the one it reached. Absent where it is redacted. */
  recipient?: string;
  /** Every address that the report has for her, `recipient` among them; a forward has one more. */
  addresses: readonly string[];
  class: EventClass;
  scope: EventScope;
  /** Absent where nothing failed. */
  diagnosis?: Diagnosis;
  /** The enhanced status (RFC 3463), such as '5.1.1'. */
  status?: string;
  /** The SMTP code, such as 550. */
  code?: number;
  /** The words of the server, with addresses: they are taken out before anything is stored. */
  reason?: string;
  /** RFC 3464 section 2.3.3: 'failed', 'delayed', 'delivered', 'relayed' or 'expanded', in lower case. */
  action?: string;
};

/** A mail that came back, read. It proves nothing by itself: what it says is matched to a delivery first. */
export type Report = {
  kind: ReportKind;
  /** One for each recipient it is about; of a complaint or an automatic answer one, perhaps without an address. */
  recipients: readonly ReportedRecipient[];
  /** Message-IDs of the mail that it is about, without angle brackets, each once. */
  messageIds: readonly string[];
  /** Addresses that may be our return path: whom the report was sent to, and whom the returned mail came from. Each once. */
  returnPaths: readonly string[];
  /** When it was written, by its own account. */
  date?: Date;
  /** RFC 5965 section 3.1, in lower case: 'abuse', 'opt-out', 'not-spam' and others. */
  feedbackType?: string;
};
