import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { insertFailedRow, listFailedBy } from '../../../src/platform/jobs/failed-rows.js';
import { sql } from '../../../src/platform/db/sql.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { listDigests } from '../../../src/digests/reads.js';
import type { Publication } from '../../../src/publications/publication.js';
import { listCircuits } from '../../../src/transports/circuits/reads.js';
import { addArticles, addReader, advanceAndRunJobs, resetTestApp } from '../../support/fixtures.js';
import { addOperator, enterDashboard, readDashboardPage } from '../../support/operator-session.js';
import { open, post } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp({ smtpParameters: { perSecond: '14', perDay: '50000' } });
});

afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  // What every page asks is kept for ten seconds.
  testApp.advanceClock(MINUTE_MS);
  publication = await testApp.createPublication();
  cookie = await enterDashboard(testApp);
  await seeWorker();
});

const now = () => testApp.context.now();
const words = (query = '') => readDashboardPage(testApp, `/health${query}`, cookie);
const railOf = async (path: string) => {
  const html = await (await open(`${testApp.url}/operator${path}`, { cookie })).text();
  return (/<nav aria-label="Paperround".*?<\/nav>/s.exec(html)?.[0] ?? '')
    .replaceAll(/<svg.*?<\/svg>|<[^>]+>/gs, ' ')
    .replaceAll(/\s+/g, ' ');
};

/** As a worker that runs does. */
async function seeWorker(): Promise<void> {
  await testApp.context.db.run(sql`
    insert into schedules (name, next_at) values ('sweep', ${new Date(now().getTime() + 10_000)})
    on conflict (name) do update set next_at = excluded.next_at
  `);
}

async function openCircuit(domain: string, kind: string, reason: string): Promise<void> {
  const [{ name }] = testApp.context.mailer.transports;
  await testApp.context.db.run(sql`insert into transports (name) values (${name}) on conflict do nothing`);
  await testApp.context.db.run(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
    select id, ${domain}, ${kind}, ${reason}, 120, 60, ${now()}, ${new Date(now().getTime() + 15 * MINUTE_MS)}
      from transports
     where name = ${name}
  `);
}

test('where all is well the page says so, and what was looked at', async () => {
  const said = await words();
  const [{ name }] = testApp.context.mailer.transports;
  expect(said).toContain('All is well.');
  expect(said).toContain(`Well: ${name}`);
  expect(said).toContain('At most 14 a second, 50000 a day.');
  expect(said).toMatch(/Well: Worker, with a queue on Postgres A worker was seen Sunday 22 November/);
  expect(said).toContain('All processes and the database agree about the time.');
  expect(said).not.toContain('What to do');
  expect(await railOf('/health')).toContain('Health well Account');
});

test('mails of which the mail server’s log was asked in vain are shown with the reason, there and on the digest’s page', async () => {
  const { db } = testApp.context;
  await addReader(testApp, publication, 'reader@example.com');
  await addArticles(testApp, publication, 'Harbour');
  testApp.smtp.setScript((stage) => (stage === 'dot' ? 'hang-up' : undefined));
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, MINUTE_MS);
  const [digest] = await listDigests(db, publication.id, 1);
  testApp.smtp.setScript(() => undefined);
  await db.run(sql`update deliveries set log_doubt = 'lines-lost' where state = 'uncertain'`);
  const said = await words();
  expect(said).toContain('Trouble: Unclear mails of');
  expect(said).toContain('1 mail: The log has lost lines since it may have been sent.');
  expect(said).toContain(`paperround digest resolve ${digest?.id} --mail-log FILE`);
  expect(await railOf('/health')).toContain('Health trouble');
  const page = await readDashboardPage(
    testApp,
    `/publications/${publication.slug}/digests/${digest?.id}`,
    cookie,
  );
  expect(page).toContain('The log was asked, and does not decide: 1 mail: The log has lost lines');
});

test('a digest of which much came back is shown, and what came back of the mail to each mailbox provider', async () => {
  const { db, now } = testApp.context;
  await addReader(testApp, publication, 'reader@gmail.com');
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, MINUTE_MS);
  const [digest] = await listDigests(db, publication.id, 1);
  await seeWorker();
  const before = await words();
  expect(before).toContain('Well: Gmail');
  expect(before).toContain(
    '0 complaints in 1 accepted mails (0.00 %) and 0 bounces (0.00 %) within seven days.',
  );
  expect(before).not.toContain('came back Of');
  await db.run(sql`
    insert into digest_returns (digest_id, complained, changed_at) values (${digest?.id}, 5, ${now()})
  `);
  const said = await words();
  expect(said).toContain(`Trouble: Much of a digest of ${publication.name} came back`);
  expect(said).toContain('5 readers called it spam');
  expect(await railOf('/health')).toContain('Health trouble');
});

test('a mail server that is left alone is shown with what waits, what readers notice and what to do, and resumed there', async () => {
  await openCircuit('', 'throttled', '421 4.7.0 <b>Slow</b> down');
  await openCircuit('school.example', 'refused', '554 5.7.1 Blocked');
  const said = await words();
  expect(said).toContain('2 things do not work.');
  expect(said).toContain('421 4.7.0 &lt;b&gt;Slow&lt;/b&gt; down');
  expect(said).toContain(
    'What readers notice Readers whose mail goes through this server get it later, confirmations too.',
  );
  expect(said).toContain(
    'Readers with an address at school.example get their mail later. All others get theirs.',
  );
  expect(said).toMatch(/What to do .*press “Resume”\./);
  expect(await railOf('/publications/lantern/settings')).toContain('Health trouble');
  const html = await (await open(`${testApp.url}/operator/health`, { cookie })).text();
  const actions = [...html.matchAll(/<form action="([^"]+\/circuits\/[^"]+)"/g)].map(
    ([, action = '']) => action,
  );
  expect(actions).toHaveLength(2);
  for (const action of actions) {
    const resumed = await post(testApp.url + action, { back: 'health' }, { cookie });
    expect(resumed.headers.get('location')).toBe('/operator/health?done=circuit-resumed');
  }
  expect(await listCircuits(testApp.context.db)).toEqual([]);
  expect(await words('?done=circuit-resumed')).toContain('Mail goes there again');
  testApp.advanceClock(11_000);
  await seeWorker();
  expect(await railOf('/publications/lantern/settings')).not.toContain('trouble');
});

test('without a worker it says that nobody is mailed, and since when', async () => {
  testApp.advanceClock(HOUR_MS);
  const said = await words();
  expect(said).toContain('Trouble: Worker, with a queue on Postgres');
  expect(said).toContain('Nobody is mailed anything: sign-ups are taken in, and their confirmations wait.');
  expect(await railOf('/health')).toContain('Health trouble');
});

test('what was left out is named by its id and tried again, and a feed that fails leads to its page', async () => {
  const { db } = testApp.context;
  const reader = await addReader(testApp, publication, 'ada@example.com');
  const row = {
    kind: 'subscription',
    rowId: reader.id,
    publicationId: publication.id,
    code: '23514',
  } as const;
  await insertFailedRow(db, 'plan-due', row, now());
  await db.run(sql`
    insert into feeds (publication_id, url, include_newest, next_poll_at, created_at, failing_since, failure)
    values (${publication.id}, 'https://lantern.example/feed', 0, ${now()}, ${now()}, ${new Date(now().getTime() - 2 * HOUR_MS)},
            '{"code": "status", "host": "lantern.example", "status": 404}')
  `);
  const said = await words();
  expect(said).toContain(`Subscription ${reader.id} could not be planned (23514)`);
  expect(said).not.toContain('ada@example.com');
  expect(said).toContain('Only what is named here is left out; nobody else waits for it.');
  expect(said).toContain('lantern.example has nothing at this address (status 404).');
  expect(said).toContain('Readers of The Lantern get nothing new from it.');
  const retried = await post(
    `${testApp.url}/operator/publications/lantern/failed-rows/retry`,
    { back: 'health' },
    { cookie },
  );
  expect(retried.headers.get('location')).toBe('/operator/health?done=retried');
  const [left] = await listFailedBy(db, 'plan-due');
  expect(left?.retryAt).toEqual(now());
});

test('a restored copy that holds mail is told with both decisions', async () => {
  await testApp.context.db.run(sql`
    insert into installation (id, counter, held_since, held_reason)
    values (gen_random_uuid(), 1, ${now()}, 'older')
    on conflict do nothing
  `);
  await testApp.context.db.run(sql`update installation set held_since = ${now()}, held_reason = 'older'`);
  const said = await words();
  expect(said).toContain('What readers notice Nobody gets a digest or a mail that was due before');
  expect(said).toContain('npx paperround after-restore send');
  expect(await railOf('/health')).toContain('Health trouble');
});

test('an operator sees the server, and of newsletters those with a role; a viewer has no button', async () => {
  const { id } = await addOperator(testApp, 'viewer@lantern.example', 'viewer');
  const other = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  const row = { kind: 'feed', rowId: other.id, publicationId: other.id, code: 'XX000' } as const;
  await insertFailedRow(testApp.context.db, 'poll-feed', row, now());
  await openCircuit('school.example', 'refused', '554 5.7.1 Blocked');
  const session = await enterDashboard(testApp, id);
  const html = await (await open(`${testApp.url}/operator/health`, { cookie: session })).text();
  expect(html).toContain('school.example');
  expect(html).not.toMatch(/Tides|<form action="[^"]*(circuits|failed-rows)/);
});
