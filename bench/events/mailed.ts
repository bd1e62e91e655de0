import { eraseSubscription } from '../../src/subscribers/erase/erase.js';
import { liftAsOperator, suppressAddress } from '../../src/subscribers/suppression/operator-changes.js';
import { undoUnsubscribe } from '../../src/subscribers/leave/restore-subscription.js';
import { unsubscribe } from '../../src/subscribers/leave/unsubscribe.js';
import type { Context } from '../../src/platform/context.js';
import { byteaArrayLiteral } from '../../src/platform/db/array-literal.js';
import { DAY_MS } from '../../src/platform/durations.js';
import { sql } from '../../src/platform/db/sql.js';
import { uuidv7 } from '../../src/platform/uuid.js';

/** A newsletter whose digests were accepted, as what comes back finds it. */
export type Mailed = {
  now: Date;
  publicationId: string;
  digests: { id: string; batch: number; sentAt: Date }[];
  readers: { id: string; number: number; email: string }[];
};

type SeedContext = Pick<Context, 'db' | 'hashAddress' | 'actor'>;

/** How many days ago each digest was sent. */
const DIGEST_AGES = [20, 16, 12, 8, 4, 1];
/** Readers were erased, moved, left and came back in between. */
const CHANGES_AGE = 2;

export async function seedMailed(
  context: SeedContext,
  { publicationId, readers: count, now }: { publicationId: string; readers: number; now: Date },
): Promise<Mailed> {
  const { db } = context;
  const transport = await db.one<{ id: number }>(sql`
    insert into transports (name) values ('events.example') on conflict (name) do update set name = excluded.name returning id
  `);
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const readers = await seedReaders(context, publicationId, count, ago(400));
  const mailed: Mailed = { now, publicationId, digests: [], readers };
  for (const age of DIGEST_AGES)
    mailed.digests.push(await seedDigest(context, mailed, { sentAt: ago(age), transportId: transport.id }));
  await changeReaders({ ...context, now: () => ago(CHANGES_AGE) }, mailed);
  await db.run(sql`analyze`);
  return mailed;
}

async function seedReaders({ db }: SeedContext, publicationId: string, count: number, at: Date) {
  // So few at each that what comes back is no storm of bounces.
  const domains = Math.max(97, Math.ceil(count / 50));
  await db.run(sql`
    insert into subscribers (email, email_key, created_at)
    select address, address, ${at}
      from generate_series(1, ${count}) n, concat('reader-', n, '@mail-', n % ${domains}, '.example') address
  `);
  return db.many<Mailed['readers'][number]>(sql`
    with added as (
      insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone,
                                 created_at, confirmed_at)
      select ${publicationId}, id, 'confirmed', 'en', 'daily', 7, 1, 1, 'UTC', ${at}, ${at}
        from subscribers
       order by length(email_key), email_key
      returning id, number, subscriber_id
    )
    select added.id, added.number, p.email
      from added
      join subscribers p on p.id = added.subscriber_id
     order by added.number
  `);
}

async function seedDigest(
  { db, hashAddress }: SeedContext,
  { publicationId, readers }: Mailed,
  { sentAt, transportId }: { sentAt: Date; transportId: number },
) {
  const id = uuidv7(sentAt);
  const { batch } = await db.one<{ batch: number }>(sql`
    with digest as (
      insert into digests (id, publication_id, cadence, period, state, closes_at, expires_at, key_id, created_at)
      values (${id}, ${publicationId}, 'operator', ${sentAt.toISOString()}, 'closed', ${sentAt}, ${sentAt}, 'bench', ${sentAt})
    )
    insert into batches (digest_id) values (${id}) returning number as batch
  `);
  const variant = await db.one<{ id: string }>(sql`
    insert into variants (digest_id, locale, article_ids, max_seq) values (${id}, 'en', '{}', 0) returning id
  `);
  await db.run(sql`
    insert into deliveries (digest_id, subscription_id, variant_id, batch, state, attempt, address_hash, transport_id,
                            provider_message_id, updated_at)
    select ${id}, subscription_id, ${variant.id}, ${batch}, 'accepted', 1, address_hash, ${transportId}, subscription_id, ${sentAt}
      from unnest(${readers.map((reader) => reader.id)}::uuid[],
                  ${byteaArrayLiteral(readers.map(({ email }) => hashAddress(email)))}::bytea[]) as r (subscription_id, address_hash)
  `);
  return { id, batch, sentAt };
}

/** One in ten readers has gone her own way meanwhile. */
async function changeReaders(context: SeedContext & Pick<Context, 'now'>, mailed: Mailed): Promise<void> {
  for (const [at, { id, email }] of mailed.readers.entries()) {
    if (at % 50 === 1) await eraseSubscription(context, id);
    if (at % 50 === 2) await move(context, id, `moved-${email}`);
    if (at % 50 === 3) await unsubscribe(context, id);
    if (at % 50 === 4) {
      await unsubscribe(context, id);
      await undoUnsubscribe(context, id);
    }
    if (at % 50 === 5) {
      const change = { emailKey: email, publicationId: null, note: 'She asked for it' };
      await suppressAddress(context, change);
      await liftAsOperator(context, change);
    }
  }
}

/** What confirming a change of address does, without the mails. */
async function move(
  { db, now }: SeedContext & Pick<Context, 'now'>,
  id: string,
  email: string,
): Promise<void> {
  await db.run(sql`
    with person as (
      insert into subscribers (email, email_key, created_at) values (${email}, ${email}, ${now()}) returning id
    )
    update subscriptions set subscriber_id = person.id from person where subscriptions.id = ${id}
  `);
}
