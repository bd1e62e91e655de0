import { readCounts } from '../../platform/counts/counts.js';
import type { CountSource } from '../../platform/counts/differences.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { foldTopic } from '../../publications/fold-topic.js';
import { cadences, type Cadence } from '../../publications/publication.js';
import type { SubscriptionStatus } from '../subscription.js';

/** How many readers there are in each state; an erased one is in none but her own. */
export type ReaderCounts = Record<SubscriptionStatus | 'erased', number> & {
  /** Of the confirmed ones. */
  byCadence: Record<Cadence, number>;
};

export async function readReaderCounts(db: Db | Tx, publicationId: string): Promise<ReaderCounts> {
  const rows = await readCounts(db, 'readers', [publicationId]);
  const sumOf = (status: string, cadence?: string) =>
    rows
      .filter(({ key }) => key[0] === status && (cadence === undefined || key[1] === cadence))
      .reduce((sum, { count }) => sum + count, 0);
  return {
    pending: sumOf('pending'),
    added: sumOf('added'),
    confirmed: sumOf('confirmed'),
    paused: sumOf('paused'),
    unsubscribed: sumOf('unsubscribed'),
    erased: sumOf('erased'),
    byCadence: Object.fromEntries(
      cadences.map((cadence) => [cadence, sumOf('confirmed', cadence)]),
    ) as ReaderCounts['byCadence'],
  };
}

/**
 * Confirmed readers by cadence who get articles with one of these topics: they chose one of them, or none and so get
 * everything.
 */
export async function countReadersOfTopics(
  db: Db | Tx,
  publicationId: string,
  topics: readonly string[],
): Promise<Record<Cadence, number>> {
  const folded = topics.map(foldTopic);
  const rows = await db.many<{ cadence: Cadence; count: number }>(sql`
    select key[1] as cadence, sum(count)::bigint as count
      from counts
     where name = 'reader-topics'
       and owner_id = ${publicationId}
       and (cardinality(key) = 1
            or exists (select from unnest(key[2:]) as topic
                        where lower(trim(normalize(topic, nfc))) = any(${folded}::text[])))
     group by key[1]
  `);
  const known = new Map(rows.map(({ cadence, count }) => [cadence, count]));
  return Object.fromEntries(cadences.map((cadence) => [cadence, known.get(cadence) ?? 0])) as Record<
    Cadence,
    number
  >;
}

/** A number that is kept of subscriptions, counted anew. */
const readerSource = (name: string): CountSource => ({
  name,
  rows: sql`
    select s.publication_id as owner_id, c.key, null::timestamptz as at, count(*) as count
      from subscriptions s,
           reader_counts(counted_status(s.status, s.erased_at), s.cadence, s.topics) c
     where c.name = ${name}
     group by s.publication_id, c.key`,
});

/** What of subscriptions can be counted anew. When readers came and left stands nowhere else. */
export const readerSources: readonly CountSource[] = ['readers', 'reader-topics'].map(readerSource);
