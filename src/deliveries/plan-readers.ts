import { listReleasedAbove } from '../articles/reads.js';
import { dueArticles, dueTo, type Due, type Mailing } from '../digests/due.js';
import { joinDigest, joinVariant } from '../digests/join.js';
import { nextFreePeriod } from '../digests/period.js';
import type { Db, Tx } from '../platform/db/database.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { advance } from '../subscribers/advance.js';
import type { Subscription } from '../subscribers/subscription.js';
import { mailedBefore, type MailedBefore } from './mailed-before.js';
import { listOperatorLists } from './reads.js';
import { insertBatch, insertDeliveries } from './writes.js';

/**
 * Plans one chunk of readers of one publication: joins the digests they are due, queues their deliveries, and moves
 * each reader on. The caller holds the readers' rows; running it again plans nothing twice.
 */
export async function planReaders(
  tx: Tx,
  publicationId: string,
  readers: readonly Subscription[],
  keyId: string,
  now: Date,
): Promise<void> {
  const lowest = Math.min(...readers.map((reader) => reader.watermark));
  const released = await listReleasedAbove(tx, publicationId, lowest);
  const mailed = await readMailed(tx, publicationId, readers, lowest);
  const due = new Map<Subscription, Due>();
  for (const reader of readers)
    due.set(reader, dueTo(reader, released, mailed.get(reader.id) ?? new Set(), now));
  const refused = await joinAll(tx, publicationId, due, keyId, now);
  const newest = released.at(-1)?.seq ?? 0;
  await advance(
    tx,
    readers.map((reader) => movedOn(reader, due.get(reader), refused.has(reader.id), newest, now)),
  );
}

/** What operators' digests brought one reader since her watermark. */
export async function listMailedTo(
  db: Db | Tx,
  publicationId: string,
  reader: Subscription,
): Promise<ReadonlySet<string>> {
  const mailed = await readMailed(db, publicationId, [reader], reader.watermark);
  return mailed.get(reader.id) ?? new Set();
}

async function readMailed(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Subscription[],
  seq: number,
): Promise<MailedBefore> {
  return mailedBefore(db, await listOperatorLists(db, publicationId, seq), readers);
}

/** Of these readers, those with something to read that no operator's digest brought them. */
export async function dueOnes(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Subscription[],
): Promise<Planned[]> {
  if (readers.length === 0) return [];
  const lowest = Math.min(...readers.map((reader) => reader.watermark));
  const released = await listReleasedAbove(db, publicationId, lowest);
  const mailed = await readMailed(db, publicationId, readers, lowest);
  return readers
    .map((reader) => ({
      reader,
      articles: dueArticles(reader, released, mailed.get(reader.id) ?? new Set()),
    }))
    .filter(({ articles }) => articles.length > 0);
}

/** Groups the readers by digest and queues each group. Answers the readers who had this period's digest already. */
async function joinAll(
  tx: Tx,
  publicationId: string,
  due: ReadonlyMap<Subscription, Due>,
  keyId: string,
  now: Date,
): Promise<Set<string>> {
  const groups = new Map<string, { mailing: Mailing; readers: Planned[] }>();
  for (const [reader, { mailings }] of due) {
    for (const mailing of mailings) {
      const key = `${mailing.cadence} ${mailing.period}`;
      const group = groups.get(key) ?? { mailing, readers: [] };
      group.readers.push({ reader, articles: mailing.articles });
      groups.set(key, group);
    }
  }
  const refused = new Set<string>();
  // In key order, so that two planners lock the digests they share in the same order.
  for (const [, { mailing, readers }] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const { id, batch } = await joinDigest(tx, { ...mailing, publicationId, keyId }, now);
    const inserted = await queueDeliveries(tx, { digestId: id, batch, readers }, now);
    // An instant digest is one article: she who has it already has read on, and is not refused.
    if (mailing.cadence === 'instant') continue;
    for (const { reader } of readers) if (!inserted.has(reader.id)) refused.add(reader.id);
  }
  return refused;
}

export type Planned = { reader: Subscription; articles: Mailing['articles'] };

/** Queues one delivery per reader, in the variant with her list and language. Answers who got one. */
export async function queueDeliveries(
  tx: Tx,
  { digestId, batch, readers }: { digestId: string; batch: number; readers: readonly Planned[] },
  now: Date,
): Promise<Set<string>> {
  const variants = new Map<string, string>();
  const rows: { subscriptionId: string; variantId: string }[] = [];
  for (const { reader, articles } of readers) {
    const key = `${reader.locale} ${articles.map((article) => article.id).join(' ')}`;
    const variantId = variants.get(key) ?? (await joinVariant(tx, digestId, reader.locale, articles));
    variants.set(key, variantId);
    rows.push({ subscriptionId: reader.id, variantId });
  }
  await insertBatch(tx, { digestId, number: batch, dueAt: now });
  const inserted = await insertDeliveries(tx, { digestId, batch, rows }, now);
  await enqueue(tx, 'send-batch', { digestId, batch }, now);
  return new Set(inserted.map((row) => row.subscriptionId));
}

function movedOn(reader: Subscription, due: Due | undefined, refused: boolean, newest: number, now: Date) {
  if (!refused) return { id: reader.id, watermark: newest, nextDueAt: due?.nextDueAt ?? null };
  // She had this period's digest: her articles wait for the next one, and nothing is skipped.
  const rhythm = reader.cadence === 'instant' ? { ...reader, cadence: 'daily' as const } : reader;
  return { id: reader.id, watermark: reader.watermark, nextDueAt: nextFreePeriod(rhythm, now) };
}
