import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { listCircuits } from '../../../src/transports/circuits/reads.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReaders, readerAddresses, resetTestApp } from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { open, post } from '../../support/reader-actions.js';
import { enterDashboard, readDashboardPage } from '../../support/operator-session.js';

const NOBODY = '00000000-0000-7000-8000-000000000000';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
});

afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await testApp.context.db.run(
    sql`insert into transports (name) values ('mail.example:587') on conflict do nothing`,
  );
  cookie = await enterDashboard(testApp);
});

async function addCircuit(domain: string, kind: string, reason: string, closesAt: Date | null) {
  const { db, now } = testApp.context;
  const { id } = await db.one<{ id: string }>(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
    select id, ${domain}, ${kind}, ${reason}, 120, 60, ${now()}, ${closesAt}
      from transports
     where name = 'mail.example:587'
    returning id
  `);
  return id;
}

async function page(path: string): Promise<string> {
  const below = path === '/health' ? path : `/publications/lantern${path}`;
  return (await open(`${testApp.url}/operator${below}`, { cookie })).text();
}

const words = (path: string) => readDashboardPage(testApp, `/publications/lantern${path}`, cookie);

/** Presses the first button of a page that resumes mail, with the fields of its form. */
async function press(path: string): Promise<string> {
  const [, action = '', inside = ''] =
    /<form action="(\/operator\/publications\/lantern\/circuits\/[^"]+)" method="post">(.*?)<\/form>/s.exec(
      await page(path),
    ) ?? [];
  const fields = Object.fromEntries(
    [...inside.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;
  const answer = await post(`${testApp.url}${action}`, fields, { cookie });
  expect(answer.status).toBe(303);
  return (answer.headers.get('location') ?? '').replace('/operator/publications/lantern', '');
}

const domainsLeft = async () => (await listCircuits(testApp.context.db)).map(({ domain }) => domain);

test('the first page says what readers notice of an open circuit; Health shows it, with escaped text, and closes it', async () => {
  const trouble = 'Waiting: mail server trouble (school.example, through mail.example:587)';
  expect(await words('')).not.toContain(trouble);
  await addCircuit('school.example', 'bounces', '550 5.1.1 <b>Unknown</b>', null);
  expect(await words('')).toContain(
    `${trouble} Readers with an address at school.example get their mail later. All others get theirs. See what to do`,
  );
  const health = () => readDashboardPage(testApp, '/health', cookie);
  const shown = await health();
  expect(shown).toContain(
    'school.example, through mail.example:587 Since Sunday 22 November, 12:00 (East Africa Time). ' +
      'school.example (through mail.example:587) says that 50.0 % of our readers there do not exist',
  );
  expect(shown).toContain('550 5.1.1 &lt;b&gt;Unknown&lt;/b&gt;');
  expect(shown).toContain(
    'Find out whether the domain has a fault or the list is wrong. Then press “Resume”.',
  );

  expect(await press('/health')).toBe('/operator/health?done=circuit-resumed');
  expect(await readDashboardPage(testApp, '/health?done=circuit-resumed', cookie)).toContain(
    'Mail goes there again, and a running worker tries what waited within seconds.',
  );
  expect(await words('')).not.toContain(trouble);
  expect(await domainsLeft()).toEqual([]);
});

test('the page of a digest that is being sent shows them too, and the button leads back to it', async () => {
  const closesAt = new Date(testApp.context.now().getTime() + 15 * 60_000);
  await addCircuit('', 'refused', '554 5.7.1 Blocked', closesAt);
  await addReaders(testApp, publication, readerAddresses(1));
  await addArticles(testApp, publication, 'Harbour');
  const sent = await sendOperatorDigest(testApp.context, publication.id);
  if (sent.kind !== 'sending') throw new Error('Nobody is due');
  await testApp.handlers['plan-digest']({ digestId: sent.digestId });
  const path = `/digests/${sent.digestId}`;
  expect(await words(path)).toContain(
    'A few messages try it again at Sunday 22 November, 12:15 (East Africa Time). To send all of it now, press “Resume”.',
  );
  const back = await press(path);
  expect(back).toBe(`${path}?done=circuit-resumed`);
  expect(await words(back)).toContain('Mail goes there again');

  await addCircuit('school.example', 'bounces', '550 5.1.1 Unknown', null);
  expect(await words(path)).toContain('Waiting: mail server trouble');
  await testApp.context.db.run(sql`update digests set state = 'closed'`);
  expect(await words(path)).not.toContain('Waiting: mail server trouble');
});

test('pressed twice, without a session, from another site or for no circuit, the button changes nothing', async () => {
  const id = await addCircuit('school.example', 'bounces', '550 5.1.1 Unknown', null);
  const closed = await addCircuit('once.example', 'refused', '554 5.7.1 Blocked', null);
  const resume = (circuit: string, fields: Record<string, string>, headers: Record<string, string>) =>
    post(`${testApp.url}/operator/publications/lantern/circuits/${circuit}/resume`, fields, headers);
  expect((await resume(closed, {}, { cookie })).headers.get('location')).toBe(
    '/operator/publications/lantern?done=circuit-resumed',
  );
  const kept = ['rate_limits', 'operator_sessions'];
  const before = await dumpTables(testApp.context.db, kept);
  expect((await resume(id, {}, {})).status).toBe(401);
  const outside = { cookie, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  expect((await resume(id, {}, outside)).status).toBe(403);
  for (const none of [closed, NOBODY, 'x']) {
    const answer = await resume(none, { digest: '//evil.example' }, { cookie });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/operator/publications/lantern?done=circuit-closed',
    ]);
  }
  expect(await words('?done=circuit-closed')).toContain(
    'It is not left alone any more. Nothing was changed.',
  );
  expect(changedTables(before, await dumpTables(testApp.context.db, kept))).toEqual([]);
  expect(await domainsLeft()).toEqual(['school.example']);
});
