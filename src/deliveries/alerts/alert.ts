import type { FailingFeed } from '../../articles/feeds/feed.js';
import type { ArticleHold } from '../../articles/release/hold.js';
import type { Digest } from '../../digests/digest.js';
import type { ClockDifference } from '../../platform/clock/clock-differences.js';
import { DAY_MS, SECOND_MS } from '../../platform/durations.js';
import type { FailingMailbox } from '../../platform/mail/inbound/mailboxes.js';
import type { WorseCheck } from '../../publications/check.js';
import type { MailHold } from '../../platform/restore/installation.js';
import type { FailedRow } from '../../platform/jobs/failed-rows.js';
import type { Attack } from '../../subscribers/attack/attack.js';
import type { ProviderLimit } from '../../transports/provider-limits/reads.js';
import type { CircuitWithTransport } from '../../transports/circuits/circuit.js';

/** What became of a digest's mails: in the session, and in what came back later. */
export type DigestShares = { handedOver: number; bounced: number; complained: number };

/** Something that goes on only when an operator has decided. `id` is that of the row it is about. */
export type AlertCause = { id: string; publicationId: string } & (
  | { kind: 'held-digest'; digest: Digest }
  | { kind: 'paused-digest'; digest: Digest }
  /** `paused`: the digests that wait for it. */
  | { kind: 'open-circuit'; circuit: CircuitWithTransport; paused: Digest[] }
  | { kind: 'held-articles'; hold: ArticleHold }
  /** All of a newsletter that have not worked for a day or more, the longest first. `id` is the newsletter's. */
  | { kind: 'failing-feeds'; feeds: FailingFeed[] }
  /** Rows of a newsletter that could not be processed and are left out. `id` is the newsletter's. */
  | { kind: 'failed-rows'; rows: FailedRow[] }
  /** `held`: sign-ups that wait for a person now. */
  | { kind: 'attack'; attack: Attack; held: number }
  /** What was right in the DNS of its sender and is not any more. `id` is the newsletter's. */
  | { kind: 'worse-dns'; worse: WorseCheck[] }
  /** Of all newsletters, in the name of one: providers that get mail slowly or none, by what comes back. */
  | { kind: 'provider-limits'; limits: ProviderLimit[] }
  /** Of all newsletters, in the name of one: processes whose clocks are wrong, or a database that was restored. */
  | { kind: 'wrong-clock'; differences: ClockDifference[] }
  | { kind: 'restored'; hold: MailHold }
  /** What comes back is not heard: the mailbox cannot be read, or mails in it cannot. */
  | { kind: 'unread-mailbox'; mailbox: FailingMailbox }
  | { kind: 'failed-mails'; count: number }
  /** A digest of which many mails bounced, or that many readers called spam. `id` is the digest's. */
  | { kind: 'much-returned'; digest: Digest; shares: DigestShares }
);

/** A cause that operators were mailed about, and when. */
export type Alert = {
  id: string;
  kind: AlertCause['kind'];
  causeId: string;
  publicationId: string;
  openedAt: Date;
};

/** At most one mail for each cause in this time; what could not be mailed by then is mailed again. */
export const ALERT_INTERVAL_MS = DAY_MS;

/** A mail server that has not let us in for so long is no restart, and operators are told. */
export const MIN_UNREACHABLE_MS = 35 * SECOND_MS;
