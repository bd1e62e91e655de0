import { createHash } from 'node:crypto';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { isolateFaults, type RowFailure } from '../../platform/process/isolate-faults.js';
import { faultCode } from '../../platform/process/row-fault.js';
import { redactAddresses } from '../../platform/text/redact.js';
import type { IncomingEvent } from '../event.js';
import type { EventEffect } from '../policy.js';
import { applyPolicy } from './apply-policy.js';
import { readCandidates } from './candidates.js';
import { findByProviderId } from './find-by-provider-id.js';
import { findMails, type FoundMail } from './find-mails.js';
import type { EventMatch } from '../names.js';
import { matchEvent } from './match.js';
import { nameEvent, type NamedEvent } from './named-event.js';
import { noteReturnedMail } from './note-returned.js';
import type { ReportedStorm } from './report-storms.js';
import { settleUncertain } from './settle-uncertain.js';
import { insertEvents, type NewEvent } from './writes.js';

export type RecordContext = Pick<Context, 'db' | 'now' | 'links' | 'hashAddress' | 'log'>;

/** What became of an event. `isNew` false: it had come in before, and nothing was changed. */
export type RecordedEvent = {
  key: string;
  isNew: boolean;
  match: EventMatch;
  /** What it did to the reader; `nothing` of one that is not new. */
  effect: EventEffect;
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
    all.recorded.push(...results.flatMap(({ recorded }) => recorded));
    all.failures.push(...failures);
    for (const { storms } of results) logStorms(context, storms);
  }
  logRecorded(context, all);
  return all;
}

/** As a storm that is found while mail is sent. */
function logStorms({ log }: RecordContext, storms: readonly ReportedStorm[]): void {
  for (const { circuit, lifted } of storms) {
    const { transportId, domain, reason } = circuit;
    log.warn({ event: 'circuit.opened', transportId, domain, reason, suppressionsLifted: lifted });
  }
}

function logRecorded({ log }: RecordContext, { recorded, failures }: RecordedEvents): void {
  const fresh = recorded.filter(({ isNew }) => isNew);
  const unmatched = fresh.filter(({ match }) => match !== 'delivery' && match !== 'notice').length;
  const [bounced, complained, unsubscribed] = (['bounced', 'complained', 'unsubscribed'] as const).map(
    (effect) => fresh.filter((one) => one.effect === effect).length,
  );
  const counts = { recorded: fresh.length, unmatched, bounced, complained, unsubscribed };
  if (recorded.length > 0) log.info({ event: 'events.recorded', ...counts });
  for (const { error } of failures) log.error({ event: 'events.not-recorded', code: faultCode(error) });
}

type Matched = { event: IncomingEvent; found: FoundMail | undefined; match: EventMatch; row: NewEvent };

async function recordChunk(
  tx: Tx,
  context: RecordContext,
  events: readonly IncomingEvent[],
): Promise<{ recorded: RecordedEvent[]; storms: ReportedStorm[] }> {
  const now = context.now();
  const named = events.map(nameEvent);
  const found = await findAll(tx, context, named, now);
  const matched = named.map((each, at): Matched => {
    const { event } = each;
    const match = matchEvent(context, each, found[at], now);
    return { event, found: found[at], match, row: toRow(event, found[at], match, now) };
  });
  const rows = withoutRepeats(matched.map(({ row }) => row));
  const inserted = new Set((await insertEvents(tx, rows, now)).map(({ key }) => key.toString('hex')));
  const chosen = new Set(rows);
  const fresh = matched.filter(({ row }) => chosen.has(row) && inserted.has(row.key.toString('hex')));
  await settleUncertain(tx, fresh.flatMap(provedDelivery));
  const { effects, storms } = await applyTo(tx, fresh, now);
  await noteReturnedMail(
    tx,
    fresh.map(({ row }) => row),
    now,
  );
  const isNew = new Set(fresh);
  const recorded = matched.map((each) => {
    const { key } = each.event;
    const { digestId, subscriptionId, noticeId } = each.row;
    const effect = effects.get(each) ?? 'nothing';
    return { key, isNew: isNew.has(each), match: each.match, effect, digestId, subscriptionId, noticeId };
  });
  return { recorded, storms };
}

/** Whatever a provider tells of a mail, it had taken it. */
function provedDelivery({ event, found, match }: Matched): { digestId: string; subscriptionId: string }[] {
  const mail = found?.mail;
  return event.isAuthenticated && match === 'delivery' && mail !== undefined && 'digestId' in mail
    ? [mail]
    : [];
}

/** What is signed is asked first; what a provider calls a mail only where nothing signed names it. */
async function findAll(
  tx: Tx,
  context: RecordContext,
  events: readonly NamedEvent[],
  now: Date,
): Promise<(FoundMail | undefined)[]> {
  const signed = await findMails(
    tx,
    events.map(({ event }) => readCandidates(context, event, now)),
  );
  const others = events.filter((_, at) => signed[at] === undefined);
  const mails = await findByProviderId(tx, others);
  const byEvent = new Map(others.map((each, at) => [each, mails[at]]));
  return events.map((each, at) => {
    const mail = byEvent.get(each);
    return signed[at] ?? (mail && { mail, isOver: false });
  });
}

async function applyTo(
  tx: Tx,
  fresh: readonly Matched[],
  now: Date,
): Promise<{ effects: Map<Matched, EventEffect>; storms: ReportedStorm[] }> {
  const counted = fresh.flatMap((matched) => {
    const { event, found, match, row } = matched;
    if (found === undefined || (match !== 'delivery' && match !== 'notice')) return [];
    const { subscriptionId, addressHash } = found.mail;
    // Whoever runs the newsletter is mailed whatever came back.
    if (subscriptionId === null || addressHash === null) return [];
    return [
      { matched, event, mail: { ...found.mail, subscriptionId, addressHash }, occurredAt: row.occurredAt },
    ];
  });
  const { effects, storms } = await applyPolicy(tx, counted, now);
  return {
    effects: new Map(counted.map(({ matched }, place) => [matched, effects[place] ?? 'nothing'])),
    storms,
  };
}

/** The first of each key, in the order of the keys: two processes that store the same events wait, and do not block each other. */
function withoutRepeats(rows: readonly NewEvent[]): NewEvent[] {
  return [...new Map([...rows].reverse().map((row) => [row.key.toString('hex'), row])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row);
}

const MAX_REASON_CHARACTERS = 1000;

function toRow(event: IncomingEvent, found: FoundMail | undefined, match: EventMatch, now: Date): NewEvent {
  const mail = found?.mail;
  return {
    key: createHash('sha256').update(`${event.source} ${event.key}`).digest(),
    source: event.source,
    class: event.class,
    scope: event.scope,
    status: event.status ?? null,
    code: event.code ?? null,
    reason: event.reason === undefined || mail?.isErased === true ? null : toStoredReason(event.reason),
    occurredAt: clamp(event.occurredAt, mail?.sentAt, now),
    match,
    publicationId: mail?.publicationId ?? null,
    digestId: mail !== undefined && 'digestId' in mail ? mail.digestId : null,
    subscriptionId: mail?.subscriptionId ?? null,
    noticeId: mail !== undefined && 'noticeId' in mail ? mail.noticeId : null,
    sentAt: mail?.sentAt ?? null,
    inboundMailId: mail?.isErased === true ? null : (event.inboundMailId ?? null),
  };
}

/** Without addresses, and without what cannot be stored or shown. */
function toStoredReason(reason: string): string {
  return redactAddresses(reason.replaceAll(/\p{Cc}+/gu, ' ')).slice(0, MAX_REASON_CHARACTERS);
}

/** Clocks of others are wrong, and headers are forged: nothing comes back before it was sent, or after it came. */
function clamp(at: Date, sentAt: Date | undefined, now: Date): Date {
  const earliest = Math.min(sentAt?.getTime() ?? -Infinity, now.getTime());
  return new Date(Math.max(earliest, Math.min(at.getTime(), now.getTime())));
}
