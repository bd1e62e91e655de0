import { LONG_STATEMENT_LIMIT_MS, type Db, type Tx } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { nextDueAt } from '../../src/subscribers/due/next-due.js';
import { topics } from './articles.js';
import { HOUR_MS } from '../../src/platform/durations.js';

/** later: daily readers whose digest of today was sent. due: daily readers whose hour has come. instant: instant readers. */
export type ReaderSchedule = 'later' | 'due' | 'instant';

const zones = (
  'Africa/Nairobi Africa/Lagos Africa/Cairo Asia/Kolkata Asia/Tokyo Asia/Dubai Europe/Berlin Europe/London ' +
  'America/New_York America/Sao_Paulo America/Los_Angeles Pacific/Auckland'
).split(' ');
const locales = ['en', 'sw', 'ar'];

/**
 * Confirmed readers in every zone, at every hour, in three languages; nine of ten chose one of 24 topics, three of ten
 * are at one large domain and the rest at two hundred small ones.
 */
export async function seedReaders(
  db: Db,
  publication: Publication,
  { readers, due, now }: { readers: number; due: ReaderSchedule; now: Date },
): Promise<void> {
  const seed = async (tx: Tx) => {
    await tx.run(sql`
      insert into subscribers (email, email_key, created_at)
      select address, address, ${now}
        from generate_series(1, ${readers}) n,
             concat(${publication.slug}::text, '-reader-', n, '@',
                    case when n % 10 < 3 then 'big.example' else concat('mail-', n % 200, '.example') end) address
    `);
    await tx.run(insertSubscriptions(publication, due, now));
  };
  await db.transaction(seed, { statementLimitMs: LONG_STATEMENT_LIMIT_MS });
  await db.run(sql`vacuum analyze subscribers, subscriptions`);
  await db.run(sql`checkpoint`);
}

function insertSubscriptions({ id, slug, lastSeq }: Publication, due: ReaderSchedule, now: Date) {
  const rhythms = listRhythms(due, now);
  const cadence = due === 'instant' ? 'instant' : 'daily';
  return sql`
    insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month,
                               timezone, topics, watermark, next_due_at, created_at, confirmed_at)
    select ${id}, reader.id, 'confirmed', (${locales}::text[])[1 + (n / 24) % 3], ${cadence}, rhythm.hour, 1, 1,
           rhythm.timezone,
           case when (n / 72) % 10 = 0 then '{}' else array[(${topics}::text[])[1 + n % 24]] end,
           ${lastSeq}, rhythm.due_at, ${now}, ${now}
      from (select id, row_number() over (order by id) as n
              from subscribers
             where email_key like ${`${slug}-reader-%`}) reader
      join unnest(${rhythms.map(({ hour }) => hour)}::smallint[],
                  ${rhythms.map(({ timezone }) => timezone)}::text[],
                  ${rhythms.map(({ dueAt }) => dueAt)}::timestamptz[])
           with ordinality as rhythm (hour, timezone, due_at, place)
        on rhythm.place = 1 + (n * 13) % ${rhythms.length}
  `;
}

function listRhythms(due: ReaderSchedule, now: Date) {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return zones.flatMap((timezone) =>
    hours.map((hour) => ({ timezone, hour, dueAt: computeDueAt(due, { timezone, hour }, now) })),
  );
}

/** Readers of `later` are due long after a run: nobody else may become due while it is measured. */
function computeDueAt(
  due: ReaderSchedule,
  { timezone, hour }: { timezone: string; hour: number },
  now: Date,
): Date | null {
  if (due === 'instant') return null;
  if (due === 'due') return new Date(now.getTime() - 1);
  const rhythm = { cadence: 'daily' as const, hour, timezone, weekday: 1, dayOfMonth: 1 };
  return nextDueAt(rhythm, new Date(now.getTime() + 3 * HOUR_MS));
}
