import type { DeliveryState } from '../../src/deliveries/delivery.js';
import type { SkipReason } from '../../src/deliveries/skip-reason.js';
import type { DigestCadence } from '../../src/digests/digest.js';
import { sql } from '../../src/platform/db/sql.js';
import type { TestApp } from './test-app.js';

/** A delivery with its reader, its digest and the titles of its articles. */
export type DeliveryRow = {
  digestId: string;
  subscriptionId: string;
  email: string;
  cadence: DigestCadence;
  period: string;
  titles: string[];
  batch: number;
  state: DeliveryState;
  attempt: number;
  skipReason: SkipReason | null;
  answer: string | null;
  nextAttemptAt: Date | null;
  updatedAt: Date;
};

/** All of them, in the order in which they were planned. */
export function listDeliveries({ context }: TestApp): Promise<DeliveryRow[]> {
  return context.db.many<DeliveryRow>(sql`
    select d.digest_id, d.subscription_id, p.email, g.cadence, g.period, d.batch, d.state, d.attempt, d.skip_reason,
           d.answer, d.next_attempt_at, d.updated_at,
           array(select a.title
                   from unnest(v.article_ids) with ordinality as listed (id, place)
                   join articles a on a.id = listed.id
                  order by listed.place) as titles
      from deliveries d
      join digests g on g.id = d.digest_id
      join variants v on v.id = d.variant_id
      join subscriptions s on s.id = d.subscription_id
      join subscribers p on p.id = s.subscriber_id
     order by g.id, d.batch, p.email_key
  `);
}

/** What each delivery is, in one line: `ada@example.com daily 2026-11-22: Harbour, Storm`. */
export async function describePlan(testApp: TestApp): Promise<string[]> {
  const deliveries = await listDeliveries(testApp);
  return deliveries.map(
    ({ email, cadence, period, titles }) =>
      `${email} ${cadence} ${cadence === 'operator' ? '' : period}: ${titles.join(', ')}`,
  );
}
