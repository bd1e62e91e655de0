import { describeAnswer } from '../deliveries/skip-reason.js';
import type { DeliveryState } from '../deliveries/delivery.js';
import type { NoticeKind } from '../deliveries/notices/notice.js';
import { digestName } from '../digests/display-name.js';
import type { NamedActivity } from '../operators/activity/activity.js';
import type { Context } from '../platform/context.js';
import { DAY_MS } from '../platform/durations.js';
import { lowestUuidAt } from '../platform/uuid.js';
import type { Subscription } from '../subscribers/subscription.js';
import type { EventClass } from '../events/event.js';
import { listEventsOfReader } from '../events/reads.js';
import { readActivity } from './activity.js';
import {
  findDigestBack,
  listReaderDigests,
  listReaderNotices,
  type ReaderDigestRow,
  type ReaderNoticeRow,
} from './reader-reads.js';

export const timelineViews = ['all', 'emails', 'changes', 'bounces'] as const;
export type TimelineView = (typeof timelineViews)[number];

/** What became of a mail. `words`: the mail server's, or why it was not sent. */
type MailOutcome = { state: DeliveryState; words: string | null; nextAttemptAt: Date | null; at: Date };

/** One line of what happened with a reader. */
export type TimelineEntry = { id: string } & (
  | ({ kind: 'digest'; digestId: string; name: string } & MailOutcome)
  | ({ kind: 'notice'; notice: NoticeKind } & MailOutcome)
  | {
      kind: 'event';
      class: EventClass;
      digest: { id: string; name: string } | null;
      words: string | null;
      at: Date;
    }
  | { kind: 'change'; change: NamedActivity; at: Date }
);

/** Digests that are looked at for one page: a look is a fiftieth of a millisecond, and six times that where nothing is in memory. */
const MAX_DIGESTS = 500;
/** Longer than from when a digest is made, for the first of its readers anywhere on earth, to the hour of its last: a month. */
export const DIGEST_SPAN_MS = 40 * DAY_MS;

/**
 * A page of it, newest first. All ids begin with their time, so one place serves mails and changes. It may have less than its room,
 * or nothing, and another follow: it ends where so many digests were looked at.
 */
export async function readReaderTimeline(
  context: Pick<Context, 'db' | 'templates'>,
  reader: Pick<Subscription, 'id' | 'publicationId' | 'createdAt'>,
  view: TimelineView,
  { before, limit }: { before: string | undefined; limit: number },
  maxDigests = MAX_DIGESTS,
): Promise<{ entries: TimelineEntry[]; next: string | null }> {
  const page = { before, limit: limit + 1 };
  if (view === 'changes') return cut(await listChanges(context, reader, page), limit);
  const since = lowestUuidAt(new Date(reader.createdAt.getTime() - DIGEST_SPAN_MS));
  const range = { publicationId: reader.publicationId, since, before, number: maxDigests };
  const end = await findDigestBack(context.db, range);
  const mails = { ...page, since: end ?? since, onlyBounces: view === 'bounces' };
  const found = [
    ...(await listMails(context, reader, mails)),
    ...(await listTimelineEvents(context, reader, mails)),
    ...(view === 'all' ? await listChanges(context, reader, page) : []),
  ];
  return cut(found, limit, end);
}

/** @param end what is older is of the next page; undefined: nothing is left out */
function cut(
  found: readonly TimelineEntry[],
  limit: number,
  end?: string,
): { entries: TimelineEntry[]; next: string | null } {
  const sorted = found
    .filter(({ id }) => end === undefined || id >= end)
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const entries = sorted.slice(0, limit);
  const next = sorted.length > limit ? entries.at(-1)?.id : end;
  return { entries, next: next ?? null };
}

async function listMails(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  { id: subscriptionId, publicationId }: Pick<Subscription, 'id' | 'publicationId'>,
  page: { before: string | undefined; limit: number; since: string; onlyBounces: boolean },
): Promise<TimelineEntry[]> {
  const where = { ...page, publicationId, subscriptionId };
  const digests = await listReaderDigests(db, where);
  const notices = await listReaderNotices(db, { ...page, subscriptionId });
  return [
    ...digests.map((row) => ({
      kind: 'digest' as const,
      id: row.id,
      digestId: row.id,
      name: digestName(row, row.subject, templates.operatorWords),
      ...outcomeOf(row),
    })),
    ...notices.map((row) => ({ kind: 'notice' as const, id: row.id, notice: row.kind, ...outcomeOf(row) })),
  ];
}

async function listTimelineEvents(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  { id }: Pick<Subscription, 'id'>,
  page: { before: string | undefined; limit: number; onlyBounces: boolean },
): Promise<TimelineEntry[]> {
  const events = await listEventsOfReader(db, id, page);
  return events.map((event) => ({
    kind: 'event',
    id: event.id,
    class: event.class,
    digest:
      event.digestId === null
        ? null
        : { id: event.digestId, name: digestName(event, event.subject, templates.operatorWords) },
    words: event.reason,
    at: event.receivedAt,
  }));
}

function outcomeOf(row: ReaderDigestRow | ReaderNoticeRow): MailOutcome {
  const { state, nextAttemptAt, at } = row;
  return { state, words: describeAnswer(row), nextAttemptAt, at };
}

async function listChanges(
  context: Pick<Context, 'db' | 'templates'>,
  { id: subjectId }: Pick<Subscription, 'id'>,
  page: { before: string | undefined; limit: number },
): Promise<TimelineEntry[]> {
  const changes = await readActivity(context, { subjectId }, page);
  return changes.map((change) => ({ kind: 'change', id: change.id, change, at: change.createdAt }));
}
