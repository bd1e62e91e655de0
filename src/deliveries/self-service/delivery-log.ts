import type { Context } from '../../platform/context.js';
import type { SkipReason } from '../skip-reason.js';
import { listRecentDeliveries, type LoggedDelivery } from './reads.js';

/** What became of a mail, as its reader is told. */
export type DeliveryStatus =
  | 'accepted'
  | 'onItsWay'
  | 'delayed'
  | 'noMailbox'
  | 'mailboxFull'
  | 'gaveUp'
  | 'refused'
  | 'mayHaveArrived'
  | 'paused'
  | 'left'
  | 'tooLate'
  | 'cancelled'
  | 'suppressed'
  | 'moved'
  | 'notSent'
  | 'laterNoMailbox'
  | 'laterMailboxFull'
  | 'laterRefused'
  | 'complained';

export type LogEntry = { digestId: string; subject: string | null; at: Date; status: DeliveryStatus };

const MAX_ENTRIES = 10;
/** Digests of the publication that are searched for a reader's mails, the newest first. */
const MAX_DIGESTS_SEARCHED = 400;

/** The last mails that were for a reader, newest first. */
export async function readDeliveryLog(
  { db }: Pick<Context, 'db'>,
  reader: { id: string; publicationId: string },
): Promise<LogEntry[]> {
  const rows = await listRecentDeliveries(db, reader, { digests: MAX_DIGESTS_SEARCHED, limit: MAX_ENTRIES });
  return rows.map((row) => ({
    digestId: row.id,
    subject: row.subject,
    at: row.updatedAt,
    status: statusOf(row),
  }));
}

/** Whether any digest was sent to this reader since then, as far as we know. */
export async function hasBeenMailed(
  { db }: Pick<Context, 'db'>,
  reader: { id: string; publicationId: string },
  since: Date,
): Promise<boolean> {
  const rows = await listRecentDeliveries(db, reader, { digests: MAX_DIGESTS_SEARCHED, limit: MAX_ENTRIES });
  return rows.some(({ state, updatedAt }) => updatedAt >= since && !['queued', 'skipped'].includes(state));
}

function statusOf({
  state,
  skipReason,
  answer,
}: Pick<LoggedDelivery, 'state' | 'skipReason' | 'answer'>): DeliveryStatus {
  switch (state) {
    case 'accepted':
      return 'accepted';
    case 'queued':
    case 'sending':
      return 'onItsWay';
    case 'deferred':
      return 'delayed';
    case 'uncertain':
      return 'mayHaveArrived';
    case 'rejected':
      return bounceStatus(answer ?? '');
    case 'skipped':
      return skipStatus(skipReason);
  }
}

/** A server's reply, which is for operators, as the few things that it means to a reader (RFC 3463, RFC 5321 section 4.2). */
function bounceStatus(reply: string): DeliveryStatus {
  if (/\b[45]\.2\.2\b|^552\b/.test(reply)) return 'mailboxFull';
  if (reply.startsWith('4')) return 'gaveUp';
  return /\b5\.1\.\d|\b5\.2\.1\b|^55[013]\b/.test(reply) ? 'noMailbox' : 'refused';
}

/** Of a reason that is a fault of ours, or that nobody can do anything about, she is told no more than that. */
const STATUS_BY_SKIP_REASON: Partial<Record<SkipReason, DeliveryStatus>> = {
  paused: 'paused',
  unsubscribed: 'left',
  suppressed: 'suppressed',
  'address-changed': 'moved',
  expired: 'tooLate',
  'sender-fault': 'tooLate',
  cancelled: 'cancelled',
};

function skipStatus(skipReason: SkipReason | null): DeliveryStatus {
  return (skipReason === null ? undefined : STATUS_BY_SKIP_REASON[skipReason]) ?? 'notSent';
}
