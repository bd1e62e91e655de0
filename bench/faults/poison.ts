import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { ARTICLE_COUNT, pushSampleArticle, reloadPublication } from '../seed/articles.js';
import { poisonRow } from '../support/poison-row.js';

/** Newsletters, by what cannot be done with one row of each. */
export const POISONED = ['planned', 'composed', 'released'] as const;

/** What was poisoned, and how to mend it. */
export type Poison = {
  /** The addresses of those who cannot be mailed. */
  readers: string[];
  /** The digest of the one whose mail cannot be composed. */
  findDigest(): Promise<string>;
  mend(): Promise<void>;
  countMended(received: ReadonlyMap<string, unknown>): Promise<number>;
};

/** A reader who cannot be planned, one whose address cannot stand in a mail, and an article that cannot be released. */
export async function poisonRows(db: Db): Promise<Poison> {
  const [planned, composed] = [await firstReader(db, 'planned'), await firstReader(db, 'composed')];
  const { id } = await db.one<{ id: string }>(sql`select id from publications where slug = 'released'`);
  const context = { db, now: () => new Date() };
  await pushSampleArticle(context, await reloadPublication(context, id), ARTICLE_COUNT, []);
  const article = await db.one<{ id: string }>(sql`select id from articles where state = 'waiting'`);
  const mendSubscription = await poisonRow(db, 'subscriptions', planned.id);
  const mendArticle = await poisonRow(db, 'articles', article.id);
  const setAddress = (email: string) =>
    db.run(sql`update subscribers set email = ${email} where email_key = ${composed.email}`);
  await setAddress(composed.email.replace('@', '\r\n@'));
  return {
    readers: [planned.email, composed.email],
    findDigest: () => findSkippedDigest(db),
    mend: async () => {
      await mendSubscription();
      await mendArticle();
      await setAddress(composed.email);
    },
    countMended: async (received) => {
      const { state } = await db.one<{ state: string }>(
        sql`select state from articles where id = ${article.id}`,
      );
      const now = [received.has(planned.email), received.has(composed.email), state === 'released'];
      return now.filter(Boolean).length;
    },
  };
}

/** All addresses, as they are now. */
export async function listReaders(db: Db): Promise<string[]> {
  const rows = await db.many<{ email: string }>(sql`select email from subscribers`);
  return rows.map(({ email }) => email);
}

export function firstReader(db: Db, slug: string): Promise<{ id: string; email: string }> {
  return db.one(sql`
    select s.id, p.email
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
      join publications b on b.id = s.publication_id
     where b.slug = ${slug}
     order by s.id
     limit 1
  `);
}

async function findSkippedDigest(db: Db): Promise<string> {
  const { id } = await db.one<{ id: string }>(sql`
    select digest_id as id from deliveries where skip_reason = 'not-composed'
  `);
  return id;
}
