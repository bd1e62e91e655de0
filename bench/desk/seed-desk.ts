import { deliverySources } from '../../src/deliveries/reads.js';
import { correctCounts } from '../../src/platform/counts/differences.js';
import { LONG_STATEMENT_LIMIT_MS, type Db } from '../../src/platform/db/database.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { sql, type Sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { readerSources } from '../../src/subscribers/counts/reads.js';
import { seedArticles, seedPublication, reloadPublication } from '../seed/articles.js';
import { seedReaders } from '../seed/readers.js';
import { createDatabase, withDatabase, type BenchServers } from '../support/servers.js';

/** How many rows a newsletter of years has. */
export type DeskSize = { readers: number; digests: number; deliveries: number };

export const DESK_SIZE: DeskSize = { readers: 1_000_000, digests: 5_000, deliveries: 10_000_000 };

/** Of one size for so many readers. */
export function sizeFor(readers: number): DeskSize {
  const scale = readers / DESK_SIZE.readers;
  return {
    readers,
    digests: Math.max(100, Math.round(DESK_SIZE.digests * scale)),
    deliveries: Math.round(DESK_SIZE.deliveries * scale),
  };
}

/** What came out since most readers' last digests, and how many operators' digests brought some of it. */
const [NEW_ARTICLES, NEW_DIGESTS] = [6, 20];

/** A newsletter of years: readers in every state, who joined over three years on twenty pages, and a ledger of all its digests. */
export async function seedDesk(
  servers: BenchServers,
  database: string,
  size: DeskSize,
  log: (line: string) => void,
): Promise<Publication> {
  await createDatabase(servers, database);
  await migrate(servers.urlOf(database));
  return withDatabase(servers, database, async (db) => {
    const context = { db, now: () => new Date() };
    const publication = await seedPublication(context, 'post');
    log(`desk: ${size.readers} readers`);
    await seedReaders(db, publication, { readers: size.readers, due: 'later', now: new Date() });
    await seedArticles(context, await reloadPublication(context, publication.id));
    await ageReaders(db, publication.id);
    log(`desk: ${size.digests} digests with ${size.deliveries} deliveries`);
    await seedLedger(db, publication.id, size);
    for (const source of [...readerSources, ...deliverySources()]) await correctAll(db, source);
    await run(db, sql`vacuum analyze`);
    return reloadPublication(context, publication.id);
  });
}

/** Without triggers, which are for changes one by one. */
async function ageReaders(db: Db, publicationId: string): Promise<void> {
  await db.transaction(
    async (tx) => {
      await tx.run(sql`set local session_replication_role = replica`);
      await tx.run(sql`
        update subscriptions s
           set status = case when n % 33 = 0 then 'unsubscribed' when n % 50 = 1 then 'paused' when n % 97 = 2 then 'pending' else status end,
               cadence = (array['daily', 'daily', 'daily', 'instant', 'weekly', 'weekly', 'monthly'])[1 + n % 7],
               watermark = (select max(seq) - ${NEW_ARTICLES} from articles),
               created_at = now() - n % 1000 * interval '1 day' - n % 86400 * interval '1 second',
               confirmed_at = case when n % 97 = 2 then null else now() - n % 1000 * interval '1 day' - n % 86400 * interval '1 second' end,
               unsubscribed_at = case when n % 33 = 0 then now() - n % 300 * interval '1 day' end,
               paused_at = case when n % 50 = 1 then now() - n % 90 * interval '1 day' end
          from (select id, row_number() over (order by md5(id::text)) as n from subscriptions) numbered
         where s.id = numbered.id
      `);
      await tx.run(sql`truncate listed_readers`);
      await tx.run(sql`
        insert into listed_readers (publication_id, subscription_id, email_key, status, cadence, locale, topics, source, joined_at,
                                    mailed_month, bounced_at)
        select s.publication_id, s.id, p.email_key, s.status, s.cadence, s.locale, s.topics,
               'https://bench.example/page-' || hashtext(s.id::text) % 10, coalesce(s.confirmed_at, s.created_at),
               month_number(now()) - abs(hashtext(s.id::text)) % 30, case when hashtext(s.id::text) % 200 = 0 then now() end
          from subscriptions s
          join subscribers p on p.id = s.subscriber_id
         where s.publication_id = ${publicationId}
      `);
      await tx.run(sql`
        insert into activity (id, created_at, actor_kind, kind, subject_type, subject_id, publication_id, after)
        select uuidv7(), coalesce(confirmed_at, created_at), 'reader', 'subscription.confirmed', 'subscription', id, publication_id,
               '{"cadence": "daily"}'
          from subscriptions
      `);
      await tx.run(sql`delete from count_changes`);
    },
    { statementLimitMs: LONG_STATEMENT_LIMIT_MS },
  );
}

/**
 * Digests of five years, one each few hours; each reader has as many as the sizes allow. All but the last brought articles that are
 * below her watermark.
 */
async function seedLedger(
  db: Db,
  publicationId: string,
  { readers, digests, deliveries }: DeskSize,
): Promise<void> {
  const each = Math.max(1, Math.round(deliveries / digests));
  const groups = Math.max(1, Math.floor(readers / each));
  await db.transaction(
    async (tx) => {
      await tx.run(sql`
        insert into digests (id, publication_id, cadence, period, state, closes_at, expires_at, key_id, created_at, sent_at, subject,
                             audience, again, mailed_noted_at)
        select (substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-7000-8000-' || lpad(to_hex(k), 12, '0'))::uuid,
               ${publicationId}, 'operator', 'bench-' || k, 'closed', at, at + interval '3 days', 'bench', at, at, 'News ' || k, '{}', false, at
          from generate_series(1, ${digests}) k,
               lateral (select now() - (${digests} - k) * interval '8 hours' - interval '1 day' as at) times,
               lateral (select lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as hex) ids
      `);
      await tx.run(sql`
        insert into variants (digest_id, locale, article_ids, max_seq, subject)
        select g.id, 'en', array(select id from articles where seq > below order by seq limit 3), below + 3, g.subject
          from digests g,
               lateral (select case when substr(g.period, 7)::integer > ${digests - NEW_DIGESTS} then max(seq) - 3 else 0 end as below
                          from articles) numbers
      `);
      await tx.run(sql`
        insert into deliveries (digest_id, subscription_id, variant_id, batch, state, attempt, answer, updated_at)
        select g.id, s.id, v.id, 1, case when s.n % 100 = 7 then 'rejected' else 'accepted' end, 1,
               case when s.n % 100 = 7 then '550 5.1.1 No such user' end, g.created_at
          from (select id, created_at, row_number() over (order by id) as k from digests) g
          join variants v on v.digest_id = g.id
          join (select id, row_number() over (order by id) as n from subscriptions) s on s.n % ${groups} = g.k % ${groups}
      `);
    },
    { statementLimitMs: LONG_STATEMENT_LIMIT_MS },
  );
}

async function correctAll(db: Db, source: Parameters<typeof correctCounts>[1]): Promise<void> {
  await db.transaction((tx) => correctCounts(tx, source), { statementLimitMs: LONG_STATEMENT_LIMIT_MS });
}

/** Outside a transaction. */
async function run(db: Db, statement: Sql): Promise<void> {
  await db.run(statement);
}
