import { randomBytes, randomUUID } from 'node:crypto';
import { bySystem } from '../../src/platform/actor.js';
import type { DeliveryState } from '../../src/deliveries/delivery.js';
import { describeAnswer, type SkipReason } from '../../src/deliveries/skip-reason.js';
import type { DigestCadence, DigestState } from '../../src/digests/digest.js';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { createPublication } from '../../src/publications/change-publication.js';
import { recountDeliveries } from '../support/recount-deliveries.js';

/** A delivery as it stands after sending. */
export type DeliveryFixture = {
  state: DeliveryState;
  batch?: number;
  /** `expired` of a skipped one where it is absent. */
  skipReason?: SkipReason;
  answer?: string | null;
  nextAttemptAt?: Date | null;
  addressHash?: Buffer;
  updatedAt?: Date;
};

export type DigestFixture = { publicationId: string; digestId: string; subscriptionIds: string[] };

/** A digest with these deliveries, without readers or mail servers: only the rows that an operator's decision changes. */
export async function addDigestWithDeliveries(
  db: Db,
  now: Date,
  digest: {
    state: DigestState;
    cadence?: DigestCadence;
    period?: string;
    reason?: string;
    pausedBy?: string;
  },
  rows: readonly DeliveryFixture[] = [],
): Promise<DigestFixture> {
  const publicationId = (await onlyPublication(db)) ?? (await addPublication(db, now));
  const { cadence = 'daily', period = randomUUID() } = digest;
  const { id: digestId } = await db.one<{ id: string }>(sql`
    insert into digests (publication_id, cadence, period, state, paused_by, reason, closes_at, expires_at, last_batch, key_id, created_at)
    values (${publicationId}, ${cadence}, ${period}, ${digest.state}, ${digest.pausedBy ?? null}, ${digest.reason ?? null}, ${now}, ${now},
            ${Math.max(0, ...rows.map(({ batch = 1 }) => batch))}, 'k', ${now})
    returning id
  `);
  const variant = await db.one<{ id: string }>(sql`
    insert into variants (digest_id, locale, article_ids, max_seq) values (${digestId}, 'en', '{}', 1) returning id
  `);
  for (const number of new Set(rows.map(({ batch = 1 }) => batch)))
    await db.run(
      sql`insert into batches (digest_id, number, due_at) values (${digestId}, ${number}, ${dueAt(rows, number, now)})`,
    );
  const subscriptionIds: string[] = [];
  for (const row of rows) {
    const id = randomUUID();
    subscriptionIds.push(id);
    await db.run(sql`
      insert into deliveries (digest_id, subscription_id, variant_id, batch, state, attempt, skip_reason, answer,
                              next_attempt_at, address_hash, updated_at)
      values (${digestId}, ${id}, ${variant.id}, ${row.batch ?? 1}, ${row.state}, 1,
              ${row.state === 'skipped' ? (row.skipReason ?? 'expired') : null}, ${row.answer ?? null}, ${row.nextAttemptAt ?? null}, ${row.addressHash ?? randomBytes(32)}, ${row.updatedAt ?? now})
    `);
  }
  await recountDeliveries(db);
  return { publicationId, digestId, subscriptionIds };
}

/** In the order in which they were given, each in one line: `deferred`, or `deferred: 451 …` where there is an answer. */
export async function describeDeliveries(
  db: Db,
  { digestId, subscriptionIds }: DigestFixture,
): Promise<string[]> {
  const rows = await db.many<{
    subscriptionId: string;
    state: string;
    skipReason: SkipReason | null;
    answer: string | null;
  }>(sql`select subscription_id, state, skip_reason, answer from deliveries where digest_id = ${digestId}`);
  const byId = new Map(rows.map((row) => [row.subscriptionId, row]));
  return subscriptionIds.map((id) => {
    const row = byId.get(id);
    const answer = row && describeAnswer(row);
    return answer ? `${row.state}: ${answer}` : (row?.state ?? 'gone');
  });
}

export function digestRow(db: Db, { digestId }: DigestFixture) {
  return db.one<{ state: string; reason: string | null; expiresAt: Date }>(
    sql`select state, reason, expires_at from digests where id = ${digestId}`,
  );
}

export function batchRows(db: Db, { digestId }: DigestFixture) {
  return db.many<{ number: number; dueAt: Date | null }>(
    sql`select number, due_at from batches where digest_id = ${digestId} order by number`,
  );
}

/** The jobs of the outbox, in order. */
export async function listOutbox(
  db: Db,
): Promise<{ name: string; payload: Record<string, unknown>; dueAt: Date }[]> {
  return db.many(sql`select name, payload, due_at from outbox order by id`);
}

export async function deleteJobs(db: Db): Promise<void> {
  await db.run(sql`delete from outbox`);
}

function dueAt(rows: readonly DeliveryFixture[], number: number, now: Date): Date | null {
  const open = rows.filter(
    ({ batch = 1, state }) => batch === number && (state === 'queued' || state === 'deferred'),
  );
  if (open.length === 0) return null;
  return new Date(Math.min(...open.map(({ nextAttemptAt }) => (nextAttemptAt ?? now).getTime())));
}

async function onlyPublication(db: Db): Promise<string | undefined> {
  return (await db.maybe<{ id: string }>(sql`select id from publications limit 1`))?.id;
}

async function addPublication(db: Db, now: Date): Promise<string> {
  const created = await createPublication(
    { db, ...bySystem(now) },
    {
      slug: 'lantern',
      name: 'The Lantern',
      siteUrl: 'https://lantern.example/',
      fromAddress: 'news@lantern.example',
      postalAddress: '4 Quay Street, Marrowby',
    },
  );
  if (created.kind !== 'created') throw new Error('The publication was not made');
  return created.id;
}
