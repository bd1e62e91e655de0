import type { Context } from '../../platform/context.js';
import { listRecentDeliveries, type LoggedDelivery } from './log-reads.js';

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
  | 'notSent';

export type LogEntry = { subject: string | null; at: Date; status: DeliveryStatus };

const MAX_ENTRIES = 10;
/** Further back than this many of the newsletter's digests nobody looks. */
const MAX_DIGESTS_SEARCHED = 400;

/** The last mails that were for a reader, newest first. */
export async function readDeliveryLog(
  { db }: Pick<Context, 'db'>,
  reader: { id: string; publicationId: string },
): Promise<LogEntry[]> {
  const rows = await listRecentDeliveries(db, reader, { digests: MAX_DIGESTS_SEARCHED, limit: MAX_ENTRIES });
  return rows.map((row) => ({ subject: row.subject, at: row.updatedAt, status: statusOf(row) }));
}

/** Has any newsletter gone out to this reader since then? Not one that waits, and not one that was kept back. */
export async function hasBeenMailed(
  { db }: Pick<Context, 'db'>,
  reader: { id: string; publicationId: string },
  since: Date,
): Promise<boolean> {
  const rows = await listRecentDeliveries(db, reader, { digests: MAX_DIGESTS_SEARCHED, limit: MAX_ENTRIES });
  return rows.some(({ state, updatedAt }) => updatedAt >= since && !['queued', 'skipped'].includes(state));
}

/** The server's words are for operators; these are the few things they mean to her (RFC 3463). */
function statusOf({ state, answer }: Pick<LoggedDelivery, 'state' | 'answer'>): DeliveryStatus {
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
      return skipStatus(answer ?? '');
  }
}

function bounceStatus(answer: string): DeliveryStatus {
  if (/\b[45]\.2\.2\b|^552\b/.test(answer)) return 'mailboxFull';
  if (answer.startsWith('4')) return 'gaveUp';
  return /\b5\.1\.\d|\b5\.2\.1\b|^55[013]\b/.test(answer) ? 'noMailbox' : 'refused';
}

function skipStatus(answer: string): DeliveryStatus {
  if (answer.startsWith('paused')) return 'paused';
  return answer.startsWith('unsubscribed') ? 'left' : 'notSent';
}
