import { sql } from '../../../src/platform/db/sql.js';
import type { TestApp } from '../../support/test-app.js';
import { linkIn, locationOf, press, subscribe } from './readers.js';
import { DAY_MS } from '../../../src/platform/durations.js';

/** Settings pages and pages of leaving, each in a state of its own. */
export async function seedPreferenceStates(testApp: TestApp, slug: string, regular: string) {
  const rests = await subscribe(testApp, slug, 'tomas@example.org', 'weekly');
  const resting = await linkIn(testApp, rests.email, 'manage');
  await pause(testApp, resting);
  const leila = await subscribe(testApp, slug, 'leila@example.org');
  await testApp.context.db.run(sql`
    update subscriptions s set locale = 'ar' from subscribers p where p.id = s.subscriber_id and p.email = ${leila.email}
  `);
  const tired = await subscribe(testApp, slug, 'tired@example.org');
  const left = await subscribe(testApp, slug, 'jonas@example.org');
  await press(testApp, left.unsubscribe);
  const blocked = await subscribe(testApp, slug, 'annoyed@example.org');
  await press(testApp, blocked.unsubscribe);
  await testApp.context.db.run(sql`
    insert into suppressions (address_hash, reason, created_at)
    values (${testApp.context.hashAddress(blocked.email)}, 'complained', ${testApp.context.now()})
  `);
  return {
    manage: await linkIn(testApp, regular, 'manage'),
    manageSaved: `${await linkIn(testApp, regular, 'manage')}?saved=choices`,
    managePaused: `${resting}?saved=pause`,
    manageArabic: await linkIn(testApp, leila.email, 'manage'),
    unsubscribeArabic: leila.unsubscribe,
    unsubscribePaused: await press(testApp, `${tired.unsubscribe}/pause`),
    unsubscribedWhy: await submitForm(testApp, `${left.unsubscribe}/reason`, { reason: 'too-many' }),
    unsubscribedBlocked: blocked.unsubscribe,
    unsubscribedMailed: await press(testApp, `${left.unsubscribe}/data`),
  };
}

function pause(testApp: TestApp, path: string): Promise<string> {
  const until = new Date(testApp.context.now().getTime() + 60 * DAY_MS).toISOString().slice(0, 10);
  return submitForm(testApp, `${path}/pause`, { length: 'date', until, catchUp: 'yes' });
}

async function submitForm(testApp: TestApp, path: string, fields: Record<string, string>): Promise<string> {
  const body = new URLSearchParams(fields);
  const response = await fetch(testApp.url + path, { method: 'POST', body, redirect: 'manual' });
  return locationOf(testApp, response.headers.get('location'));
}
