import type { Context } from '../platform/context.js';
import { listLogged, type Logged } from './log-reads.js';

/** What became of a mail, as its reader is told. */
export type Fate =
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

export type LogEntry = { subject: string | null; at: Date; fate: Fate };

const SHOWN = 10;
/** Further back than this many of the newsletter's digests nobody looks. */
const DIGESTS = 400;

/** The last mails that were for a reader, newest first. */
export async function readLog(
  { db }: Pick<Context, 'db'>,
  reader: { id: string; publicationId: string },
): Promise<LogEntry[]> {
  const rows = await listLogged(db, reader, { digests: DIGESTS, limit: SHOWN });
  return rows.map((row) => ({ subject: row.subject, at: row.updatedAt, fate: fateOf(row) }));
}

/** Has any newsletter gone out to this reader since then? Not one that waits, and not one that was kept back. */
export async function hasBeenWritten(
  { db }: Pick<Context, 'db'>,
  reader: { id: string; publicationId: string },
  since: Date,
): Promise<boolean> {
  const rows = await listLogged(db, reader, { digests: DIGESTS, limit: SHOWN });
  return rows.some(({ state, updatedAt }) => updatedAt >= since && !['queued', 'skipped'].includes(state));
}

/** The server's words are for operators; these are the few things they mean to her (RFC 3463). */
function fateOf({ state, answer }: Pick<Logged, 'state' | 'answer'>): Fate {
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
      return bounced(answer ?? '');
    case 'skipped':
      return notSent(answer ?? '');
  }
}

function bounced(answer: string): Fate {
  if (/\b[45]\.2\.2\b|^552\b/.test(answer)) return 'mailboxFull';
  if (answer.startsWith('4')) return 'gaveUp';
  return /\b5\.1\.\d|\b5\.2\.1\b|^55[013]\b/.test(answer) ? 'noMailbox' : 'refused';
}

function notSent(answer: string): Fate {
  if (answer.startsWith('paused')) return 'paused';
  return answer.startsWith('unsubscribed') ? 'left' : 'notSent';
}
