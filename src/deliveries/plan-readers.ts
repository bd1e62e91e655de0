import { calendarAt, type Calendar } from '../digests/calendar.js';
import { dueWith, type Due, type Mailing } from '../digests/due.js';
import { joinDigest, type KnownVariants } from '../digests/join.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { advance } from '../subscribers/advance.js';
import type { Reader } from '../subscribers/subscription.js';
import { dueLists } from './due-lists.js';
import { guardDigests } from './guard-digest.js';
import { closeRanks, queueDeliveries, type Planned } from './queue-deliveries.js';

/** What all chunks of one pass share: the moment it began, by which everybody in it is planned, and what it has seen. */
export type Pass = { keyId: string; calendar: Calendar; variants: KnownVariants };

export function beginPass({ links, now }: Pick<Context, 'links' | 'now'>): Pass {
  return { keyId: links.keyId, calendar: calendarAt(now()), variants: new Map() };
}

/**
 * Plans one chunk of readers of one publication: joins the digests they are due, queues their deliveries, and moves
 * each reader on. The caller holds the readers' rows; running it again plans nothing twice.
 */
export async function planReaders(
  tx: Tx,
  pass: Pass,
  publicationId: string,
  readers: readonly Reader[],
): Promise<void> {
  const { of, newest } = await dueLists(tx, publicationId, readers);
  const due = new Map(readers.map((reader) => [reader, dueWith(of(reader), reader, pass.calendar)]));
  const guarded = await guardDigests(tx, { publicationId, keyId: pass.keyId }, due, pass.calendar.now);
  const { joined, hadBefore } = await joinAll(tx, pass, publicationId, guarded.due);
  const refused = new Set([...hadBefore, ...guarded.refused]);
  await advance(
    tx,
    readers.map(
      (reader) =>
        guarded.waiting.get(reader.id) ??
        movedOn(reader, due.get(reader), refused.has(reader.id), newest, pass.calendar),
    ),
  );
  await closeRanks(tx, joined, pass.calendar.now);
}

type Joined = { joined: { id: string; closesAt: Date | null }[]; hadBefore: Set<string> };

/** Groups the readers by digest and queues each group. Answers also the readers who had this period's digest already. */
async function joinAll(
  tx: Tx,
  { keyId, calendar: { now }, variants }: Pass,
  publicationId: string,
  due: ReadonlyMap<Reader, Due>,
): Promise<Joined> {
  const joined: Joined = { joined: [], hadBefore: new Set() };
  // In key order, so that two planners lock the digests they share in the same order.
  for (const [, { mailing, readers }] of [...groupByDigest(due)].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const { id } = await joinDigest(tx, { ...mailing, publicationId, keyId }, now);
    const before = await queueDeliveries(tx, { digestId: id, readers, variants }, now);
    joined.joined.push({ id, closesAt: mailing.closesAt });
    // An instant digest is one article: she who has it already has read on, and is not refused.
    if (mailing.cadence !== 'instant') for (const reader of before) joined.hadBefore.add(reader);
  }
  return joined;
}

function groupByDigest(due: ReadonlyMap<Reader, Due>): Map<string, { mailing: Mailing; readers: Planned[] }> {
  const groups = new Map<string, { mailing: Mailing; readers: Planned[] }>();
  for (const [reader, { mailings }] of due) {
    for (const mailing of mailings) {
      const key = `${mailing.cadence} ${mailing.period}`;
      const group = groups.get(key) ?? { mailing, readers: [] };
      group.readers.push({ reader, articles: mailing.articles });
      groups.set(key, group);
    }
  }
  return groups;
}

function movedOn(reader: Reader, due: Due | undefined, refused: boolean, newest: number, calendar: Calendar) {
  if (!refused) return { id: reader.id, watermark: newest, nextDueAt: due?.nextDueAt ?? null };
  // She had this period's digest: her articles wait for the next one, and nothing is skipped.
  const rhythm = reader.cadence === 'instant' ? { ...reader, cadence: 'daily' as const } : reader;
  return { id: reader.id, watermark: reader.watermark, nextDueAt: calendar.nextFreePeriod(rhythm) };
}
