import type { Page } from 'playwright-core';
import { sql } from '../../../src/platform/db/sql.js';
import type { Fixture } from '../fixture.js';

const PATH = '/operator/health/hooks';

/** Shows hooks of three providers, in every state that has words of its own, while the page is loaded. */
export async function addHooks(page: Page, { testApp }: Fixture): Promise<void> {
  const { db, now } = testApp.context;
  const ago = (minutes: number) => new Date(now().getTime() - minutes * 60_000);
  await db.run(sql`
    insert into provider_hooks (provider, topic_arn, secret_hash, state, last_event_at, refused_at, refusal, created_at)
    values ('ses', 'arn:aws:sns:eu-west-1:123456789012:harbour-lantern-bounces', null, 'confirmed', ${ago(2)}, null, null, ${ago(90)}),
           ('ses', 'arn:aws:sns:eu-central-1:123456789012:complaints', null, 'waiting', null, null, null, ${ago(80)}),
           ('ses', 'arn:aws:sns:eu-north-1:123456789012:events', null, 'ended', ${ago(5000)}, null, null, ${ago(9000)}),
           ('postmark', null, '\\x01', 'confirmed', ${ago(200)}, ${ago(30)}, 'wrong-secret', ${ago(9000)})
  `);
  await db.run(sql`
    insert into test_bounces (hook_id, publication_id, state, answer, created_at, updated_at)
    select h.id, (select id from publications order by id limit 1), t.state, t.answer, ${ago(3)}, ${ago(2)}
      from (values ('%bounces', 'returned', '250 Ok'),
                   ('%complaints', 'failed', '554 Message rejected: Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: news@harbour.example'))
           as t (topic, state, answer)
      join provider_hooks h on h.topic_arn like t.topic
  `);
  await db.run(sql`
    insert into provider_requests (hook_id, key, body, received_at, recorded_at, retry_at, unread)
    select id, '1', '', ${ago(60)}, ${ago(60)}, ${ago(60)}, 3 from provider_hooks where provider = 'postmark'
  `);
  await page.goto(testApp.url + PATH);
  await deleteHooks(testApp.context.db);
}

/** Presses the button under a provider's name, with something pasted before where it asks for it. */
export async function setUpHook(
  page: Page,
  { testApp }: Fixture,
  name: string,
  proof?: string,
): Promise<void> {
  await page.goto(testApp.url + PATH);
  const provider = page.locator('details', { has: page.getByText(name, { exact: true }) });
  await provider.locator('summary').click();
  if (proof !== undefined) await provider.getByRole('textbox').last().fill(proof);
  await provider.getByRole('button', { name: `Set up ${name}` }).click();
  await page.getByText(proof === undefined ? 'Copy it now' : 'Nothing was set up').waitFor();
  await deleteHooks(testApp.context.db);
}

async function deleteHooks(db: Fixture['testApp']['context']['db']): Promise<void> {
  await db.run(sql`delete from provider_hooks`);
}
