import type { Variant } from '../../digests/digest.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { TestMail } from './test-mail.js';

/** What a reader got of a digest, or is about to get. */
export function findDeliveredVariant(
  db: Db | Tx,
  digestId: string,
  subscriptionId: string,
): Promise<
  (Pick<Variant, 'articleIds' | 'locale' | 'format' | 'withoutPictures'> & { variantId: string }) | undefined
> {
  return db.maybe(sql`
    select v.id as variant_id, v.article_ids, v.locale, v.format, v.without_pictures
      from deliveries d
      join variants v on v.id = d.variant_id
     where d.digest_id = ${digestId}
       and d.subscription_id = ${subscriptionId}
  `);
}

const testMailColumns = raw(`
  id, publication_id, operator_id, recipient_id, digest_id, coming, draft_id, kind, state, answer, created_at, updated_at
`);

export function findTestMail(db: Db | Tx, id: string): Promise<TestMail | undefined> {
  return db.maybe<TestMail>(sql`
    select ${testMailColumns}
      from test_mails
     where id = ${id}
  `);
}

/** The newest tests of an operator since a moment, newest first. */
export function listTestMails(
  db: Db | Tx,
  where: { operatorId: string; since: Date; limit: number },
): Promise<TestMail[]> {
  return db.many<TestMail>(sql`
    select ${testMailColumns}
      from test_mails
     where operator_id = ${where.operatorId}
       and created_at > ${where.since}
     order by id desc
     limit ${where.limit}
  `);
}
