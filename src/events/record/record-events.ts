import { createHash } from 'node:crypto';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { isolateFaults, type RowFailure } from '../../platform/process/isolate-faults.js';
import { redactAddresses } from '../../platform/text/redact.js';
import type { IncomingEvent } from '../event.js';
import { readCandidates } from './candidates.js';
import { findMails, type FoundMail } from './find-mails.js';
import { matchEvent, type EventMatch } from './match.js';
import { insertEvents, type NewEvent } from './writes.js';

export type RecordContext = Pick<Context, 'db' | 'now' | 'links' | 'hashAddress'>;

/** What became of an event. `isNew` false: it had come in before, and nothing was changed. */
export type RecordedEvent = {
  key: string;
  isNew: boolean;
  match: EventMatch;
  digestId: string | null;
  subscriptionId: string | null;
  noticeId: string | null;
};

/** `failures`: events that throw by themselves and are not stored; all others are. */
export type RecordedEvents = { recorded: RecordedEvent[]; failures: RowFailure<IncomingEvent>[] };

const CHUNK_SIZE = 500;

/**
 * Stores what was heard of mails, and does to their readers what the policy says, each event in one transaction with what it
 * changes. Events may come in any order, and again; whoever hands them in may forget them once this has returned.
 * @throws when the database is away: then hand all of them in again
 */
export async function recordEvents(
  context: RecordContext,
  events: readonly IncomingEvent[],
): Promise<RecordedEvents> {
  const all: RecordedEvents = { recorded: [], failures: [] };
  for (let at = 0; at < events.length; at += CHUNK_SIZE) {
    const { results, failures } = await isolateFaults(events.slice(at, at + CHUNK_SIZE), (part) =>
      context.db.transaction((tx) => recordChunk(tx, context, part)),
    );
    all.recorded.push(...results.flat());
    all.failures.push(...failures);
  }
  return all;
}

type Matched = { event: IncomingEvent; found: FoundMail | undefined; match: EventMatch; row: NewEvent };

async function recordChunk(
  tx: Tx,
  context: RecordContext,
  events: readonly IncomingEvent[],
): Promise<RecordedEvent[]> {
  const now = context.now();
  const found = await findMails(
    tx,
    events.map((event) => readCandidates(context, event, now)),
  );
  const matched = events.map((event, at): Matched => {
    const match = matchEvent(context, event, found[at], now);
    return { event, found: found[at], match, row: toRow(event, found[at], match) };
  });
  const inserted = await insertEvents(tx, withoutRepeats(matched.map(({ row }) => row)), now);
  const fresh = new Set(inserted.map(({ key }) => key.toString('hex')));
  return matched.map(({ event, match, row }) => ({
    key: event.key,
    isNew: fresh.delete(row.key.toString('hex')),
    match,
    digestId: row.digestId,
    subscriptionId: row.subscriptionId,
    noticeId: row.noticeId,
  }));
}

/** The first of each key, in the order of the keys: two processes that store the same events wait, and do not block each other. */
function withoutRepeats(rows: readonly NewEvent[]): NewEvent[] {
  return [...new Map([...rows].reverse().map((row) => [row.key.toString('hex'), row])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row);
}

const MAX_REASON_CHARACTERS = 1000;

function toRow(event: IncomingEvent, found: FoundMail | undefined, match: EventMatch): NewEvent {
  const mail = found?.mail;
  return {
    key: createHash('sha256').update(`${event.source} ${event.key}`).digest(),
    source: event.source,
    class: event.class,
    scope: event.scope,
    status: event.status ?? null,
    code: event.code ?? null,
    reason: event.reason === undefined ? null : redactAddresses(event.reason).slice(0, MAX_REASON_CHARACTERS),
    occurredAt: event.occurredAt,
    match,
    publicationId: mail?.publicationId ?? null,
    digestId: mail !== undefined && 'digestId' in mail ? mail.digestId : null,
    subscriptionId: mail?.subscriptionId ?? null,
    noticeId: mail !== undefined && 'noticeId' in mail ? mail.noticeId : null,
    sentAt: mail?.sentAt ?? null,
    inboundMailId: event.inboundMailId ?? null,
  };
}
