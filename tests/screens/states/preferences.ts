import { sql } from '../../../src/platform/db/sql.js';
import type { TestApp } from '../../support/test-app.js';
import { linkIn, press, subscribe } from './readers.js';
import { DAY_MS } from '../../../src/platform/durations.js';

/** Settings pages and pages of leaving, each in a state of its own. */
export async function seedPreferenceStates(house: TestApp, slug: string, regular: string) {
  const rests = await subscribe(house, slug, 'tomas@example.org', 'weekly');
  const resting = await linkIn(house, rests.email, 'manage');
  await pause(house, resting);
  const leila = await subscribe(house, slug, 'leila@example.org');
  await house.context.db.run(sql`
    update subscriptions s set locale = 'ar' from subscribers p where p.id = s.subscriber_id and p.email = ${leila.email}
  `);
  const tired = await subscribe(house, slug, 'tired@example.org');
  const left = await subscribe(house, slug, 'jonas@example.org');
  await press(house, left.unsubscribe);
  const blocked = await subscribe(house, slug, 'annoyed@example.org');
  await press(house, blocked.unsubscribe);
  await house.context.db.run(sql`
    insert into suppressions (address_hash, reason, created_at)
    values (${house.context.hashAddress(blocked.email)}, 'complained', ${house.context.now()})
  `);
  return {
    manage: await linkIn(house, regular, 'manage'),
    manageSaved: `${await linkIn(house, regular, 'manage')}?saved=cadence`,
    managePaused: `${resting}?saved=pause`,
    manageArabic: await linkIn(house, leila.email, 'manage'),
    unsubscribeArabic: leila.unsubscribe,
    unsubscribePaused: await press(house, `${tired.unsubscribe}/pause`),
    unsubscribedWhy: await submitForm(house, `${left.unsubscribe}/reason`, { reason: 'too-many' }),
    unsubscribedBlocked: blocked.unsubscribe,
    unsubscribedMailed: await press(house, `${left.unsubscribe}/data`),
  };
}

function pause(house: TestApp, path: string): Promise<string> {
  const until = new Date(house.context.now().getTime() + 60 * DAY_MS).toISOString().slice(0, 10);
  return submitForm(house, `${path}/pause`, { length: 'date', until, catchUp: 'yes' });
}

async function submitForm(house: TestApp, path: string, fields: Record<string, string>): Promise<string> {
  const body = new URLSearchParams(fields);
  const response = await fetch(house.url + path, { method: 'POST', body, redirect: 'manual' });
  return response.headers.get('location') ?? '';
}
