import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { recordClockDifference } from '../../../src/platform/clock/clock-differences.js';
import { holdMail, readInstallation } from '../../../src/platform/restore/installation.js';
import { digestActions } from '../../../src/digests/transition.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReaders, readerAddresses } from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { open, post } from '../../support/reader-actions.js';
import {
  addOperator,
  enterDashboard,
  newFormKey,
  readDashboardPage,
} from '../../support/operator-session.js';
import { recountDeliveries } from '../../support/recount-deliveries.js';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
  await addReaders(testApp, publication, readerAddresses(5));
  cookie = await enterDashboard(testApp);
});

afterAll(() => testApp.close());

/** A digest to the five readers, planned and not sent. */
async function planned(title: string): Promise<string> {
  await addArticles(testApp, publication, title);
  const sent = await sendOperatorDigest(testApp.context, publication.id);
  if (sent.kind !== 'sending') throw new Error('Nobody is due');
  await testApp.handlers['plan-digest']({ digestId: sent.digestId });
  return sent.digestId;
}

const words = (path: string) => readDashboardPage(testApp, `/publications/lantern${path}`, cookie);

async function buttons(path: string): Promise<string[]> {
  const html = await (await open(`${testApp.url}/operator/publications/lantern${path}`, { cookie })).text();
  return [...html.matchAll(/action="\/operator\/publications\/lantern\/digests\/[^/]+\/(\w+)"/g)].map(
    ([, control = '']) => control,
  );
}

async function press(id: string, control: string, fields: Record<string, string> = {}): Promise<string> {
  const url = `${testApp.url}/operator/publications/lantern/digests/${id}/${control}`;
  const answer = await post(url, { ...newFormKey(), ...fields }, { cookie });
  expect(answer.status).toBe(303);
  return (answer.headers.get('location') ?? '').replace('/operator/publications/lantern', '');
}

test('a digest is paused, resumed and cancelled with buttons that fit its state', async () => {
  const id = await planned('Pressed');
  const path = `/digests/${id}`;
  expect(await words('')).toContain('0 of 5 accepted, 5 waiting');
  expect(await buttons(path)).toEqual(['pause', 'cancel']);

  const paused = await words(await press(id, 'pause'));
  expect(paused).toContain('Paused. Within two seconds nothing more is handed over');
  expect(paused).toContain(
    'Paused: 0 readers have it. An operator paused it. 5 readers wait, and nobody gets two.',
  );
  expect(await buttons(path)).toEqual(['resume', 'cancel']);
  expect(await words('')).toMatch(
    /Needs you .*Paused: .*An operator paused it\. Who has it keeps it, and the others wait\. Decide/,
  );
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toEqual([]);

  expect(await words(await press(id, 'resume'))).toContain(
    'Resumed. Who was not sent it yet is sent it now.',
  );
  testApp.smtp.setScript((stage, to) =>
    stage === 'rcpt' && /-[345]@/.test(to) ? '451 4.2.1 Later' : undefined,
  );
  await testApp.runDueJobs();
  const cancelled = await words(await press(id, 'cancel'));
  expect(cancelled).toContain('Cancelled. Nobody else is sent it.');
  expect(cancelled).toContain('2 readers have it; 3 readers will not be sent it.');
  expect(await buttons(path)).toEqual([]);
  expect(await words(await press(id, 'pause'))).toContain(
    'It is cancelled for good. Only a digest that is being sent',
  );
  await testApp.runDueJobs();
  expect(await words(path)).toMatch(/Accepted by mail server 2 .* Not sent 3 .* In all 5 /);
});

test('a held digest says why, with escaped text, and is approved', async () => {
  const id = await planned('Held');
  await testApp.context.db.run(
    sql`update digests set state = 'held', reason = '812 readers <b>instead</b> of 400.' where id = ${id}`,
  );
  const page = await words(`/digests/${id}`);
  expect(page).toContain(
    'Held: nobody has been mailed anything. 812 readers &lt;b&gt;instead&lt;/b&gt; of 400. Its readers wait until you let it go.',
  );
  expect(await buttons(`/digests/${id}`)).toEqual(['approve', 'reschedule', 'cancel']);
  expect(await words(await press(id, 'approve'))).toContain(
    'It goes. Its readers are mailed as each is due.',
  );
});

test('failed mails are tried again, and uncertain ones are resolved either way', async () => {
  const id = await planned('Doubted');
  const set = (state: string, count: number, digestState = 'closed') =>
    testApp.context.db.transaction(async (tx) => {
      await tx.run(sql`
        update deliveries set state = ${state}, next_attempt_at = null
         where digest_id = ${id}
           and subscription_id in (select subscription_id from deliveries
                                    where digest_id = ${id} and state not in ('uncertain', 'rejected') order by 1 limit ${count})
      `);
      await tx.run(sql`update digests set state = ${digestState} where id = ${id}`);
    });
  await set('uncertain', 2);
  await set('rejected', 1);
  await recountDeliveries(testApp.context.db);
  expect(await buttons(`/digests/${id}`)).toEqual(['retry', ...Array<string>(6).fill('resolve')]);
  expect(await words(`/digests/${id}`)).toContain('Complete, but 2 unclear.');
  expect(await words(`/digests/${id}`)).toContain('2 mails were handed over whole');
  expect(await words(await press(id, 'resolve', { as: 'perhaps' }))).toContain('Nothing was changed.');
  expect(await words(await press(id, 'resolve', { as: 'accepted' }))).toContain('settled as you said');
  expect(await words(await press(id, 'resolve', { as: 'resend' }))).toContain(
    'No such mail of it is unclear any more.',
  );
  expect(await words(await press(id, 'retry'))).toContain('What failed is being tried again.');
  await testApp.handlers['retry-deliveries']({ digestId: id, asOf: testApp.context.now().toISOString() });
  expect(await words(await press(id, 'retry'))).toContain('Nothing of it failed that may be tried again.');
});

test('the page names the people behind each number with the server’s words; a viewer sees their domains', async () => {
  const { db } = testApp.context;
  const id = await planned('Named');
  const [bounced, moved, erased] = await db.many<{ id: string; email: string }>(sql`
    select s.id, p.email
      from deliveries d
      join subscriptions s on s.id = d.subscription_id
      join subscribers p on p.id = s.subscriber_id
     where d.digest_id = ${id}
     order by s.id
  `);
  const set = (subscription: string | undefined, state: string, answer: string | null, skip?: string) =>
    db.run(sql`
      update deliveries set state = ${state}, answer = ${answer}, skip_reason = ${skip ?? null}, address_hash = ${hash('before@example.com')}
       where digest_id = ${id} and subscription_id = ${subscription}
    `);
  await set(bounced?.id, 'rejected', `550 5.1.1 <${bounced?.email}> unknown here`);
  await db.run(sql`
    update deliveries set address_hash = ${hash(bounced?.email ?? '')} where subscription_id = ${bounced?.id}
  `);
  await set(moved?.id, 'uncertain', 'The connection broke before the answer came.');
  await set(erased?.id, 'skipped', null, 'unsubscribed');
  await recountDeliveries(db);
  await db.run(sql`update subscriptions set erased_at = now() where id = ${erased?.id}`);

  const page = await words(`/digests/${id}`);
  expect(page).toMatch(
    new RegExp(`Bounced: 1 reader ${bounced?.email} 550 5\\.1\\.1 &lt;${bounced?.email}&gt; unknown`),
  );
  expect(page).toMatch(
    new RegExp(
      `Unclear: may have arrived: 1 reader .* ${moved?.email} She has changed her address since.* The connection broke`,
    ),
  );
  expect(await words(`/digests/${id}/deliveries?state=skipped`)).toMatch(
    /Not sent: 1 reader A reader who was erased unsubscribed/,
  );
  expect(await words(`/digests/${id}/deliveries?state=queued`)).toMatch(
    /Waiting: 2 readers \S+@example\.com /,
  );
  expect(await words(`/digests/${id}/deliveries?state=rejected`)).toContain(
    `Bounced: 1 reader ${bounced?.email} 550`,
  );
  expect(await words(`/digests/${id}/deliveries?state=rejected&before=${bounced?.id}`)).toContain(
    'Nobody else is',
  );

  const { id: viewerId } = await addOperator(testApp, 'eve@lantern.example', 'viewer');
  const viewer = await enterDashboard(testApp, viewerId);
  for (const path of [`/digests/${id}`, `/digests/${id}/deliveries?state=rejected`]) {
    const seen = await readDashboardPage(testApp, `/publications/lantern${path}`, viewer);
    expect(seen).toMatch(/Bounced: 1 reader r•••••@example\.com 550 5\.1\.1 &lt;…&gt; unknown here/);
    expect(seen).not.toContain(bounced?.email);
    expect((await open(`${testApp.url}/operator/publications/lantern${path}`)).status).toBe(303);
  }
  for (const wrong of ['', '?state=lost', '?state=rejected&before=1', '?state[]=rejected'])
    expect(
      (
        await open(`${testApp.url}/operator/publications/lantern/digests/${id}/deliveries${wrong}`, {
          cookie,
        })
      ).status,
    ).toBe(404);
  await db.run(sql`update subscriptions set erased_at = null where id = ${erased?.id}`);
});

function hash(emailKey: string): Buffer {
  return testApp.context.hashAddress(emailKey);
}

test('without a session nothing is shown or changed, and an unknown digest is not found', async () => {
  const id = await planned('Not for strangers');
  const before = await dumpTables(testApp.context.db, ['rate_limits', 'operator_sessions']);
  for (const control of digestActions) {
    const stranger = await post(`${testApp.url}/operator/publications/lantern/digests/${id}/${control}`, {
      as: 'resend',
    });
    expect([control, stranger.status]).toEqual([control, 401]);
    const headers = { cookie, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const outside = await post(
      `${testApp.url}/operator/publications/lantern/digests/${id}/${control}`,
      { as: 'resend' },
      headers,
    );
    expect([control, outside.status]).toEqual([control, 403]);
    for (const none of ['x', '0'.repeat(8) + '-0000-7000-8000-' + '0'.repeat(12)]) {
      const unknown = await post(
        `${testApp.url}/operator/publications/lantern/digests/${none}/${control}`,
        { as: 'resend' },
        { cookie },
      );
      expect([control, none, unknown.status]).toEqual([control, none, 404]);
    }
  }
  expect(
    (await open(`${testApp.url}/operator/publications/lantern/digests/${id}`)).headers.get('location'),
  ).toContain('/operator/sign-in');
  expect((await open(`${testApp.url}/operator/publications/lantern/digests/x`, { cookie })).status).toBe(404);
  for (const query of ['?done=toString', '?done=<b>', '?done[]=pause']) {
    const answer = await open(`${testApp.url}/operator/publications/lantern/digests/${id}${query}`, {
      cookie,
    });
    expect([query, answer.status]).toEqual([query, 200]);
    expect(await answer.text()).toContain('<div role="status"></div>');
  }
  expect(
    changedTables(before, await dumpTables(testApp.context.db, ['rate_limits', 'operator_sessions'])),
  ).toEqual([]);
});

test('the first page says what stops the mail of every newsletter, and Health what to do', async () => {
  const { db, now } = testApp.context;
  expect(await words('')).not.toMatch(/clock|restore/);
  await readInstallation(db);
  await holdMail(db, { reason: 'older', survivedCounter: 1 }, now());
  await recordClockDifference(db, 'mail-2 4711', -600_000);
  expect(await words('')).toContain('Mail is held after a restore');
  const page = await readDashboardPage(testApp, '/health', cookie);
  expect(page).toContain('npx paperround after-restore skip');
  expect(page).toContain('The clock of mail-2 4711 is 10 minutes behind the database’s.');
});
