import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createInvitedOperator, inviteToPublication } from '../../../../src/operators/invitations/invite.js';
import { findRole } from '../../../../src/operators/permissions.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { DAY_MS, MINUTE_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { addOperator, enterDashboard } from '../../../support/operator-session.js';
import { lastMail, linkIn, open, post, readMails } from '../../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { openBrowser } from './browser.js';

let testApp: TestApp;
let lantern: Publication;
let tides: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  lantern = await testApp.createPublication();
  tides = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
});
afterAll(() => testApp.close());

const PASSWORD = 'marrowby ferry whispers';

async function invite(email: string, role: 'owner' | 'editor' | 'viewer' = 'editor'): Promise<string> {
  const what = { publicationId: lantern.id, role, isAdministrator: false, invitedBy: null };
  const invited = await inviteToPublication(testApp.context, { email, ...what });
  if (invited.kind !== 'invited') throw new Error('She is there already');
  await testApp.runDueJobs();
  return linkIn(await lastMail(testApp, email), 'invitation');
}

const locationOf = async (answer: Response) => [answer.status, answer.headers.get('location')];

test('who accepts an invitation with a password is signed in, has a role at that newsletter alone, and signs in again with it', async () => {
  const link = await invite('eda@example.com');
  const browser = openBrowser(testApp);
  const page = await (await browser.get(link)).text();
  expect(page).toContain('Help run The Lantern');
  expect(page).toContain('eda@example.com');
  const accepted = await browser.send(link, { name: 'Eda Njoroge', password: PASSWORD });
  expect(await locationOf(accepted)).toEqual([303, '/operator']);
  expect(await locationOf(await browser.get('/operator'))).toEqual([303, '/operator/publications/lantern']);
  expect(await (await browser.get('/operator/publications/lantern')).text()).toContain(
    'Signed in as eda@example.com',
  );
  expect((await browser.get('/operator/publications/tides')).status).toBe(404);

  const again = openBrowser(testApp);
  const signedIn = await again.send('/operator/sign-in', { email: ' EDA@example.com', password: PASSWORD });
  expect(await locationOf(signedIn)).toEqual([303, '/operator']);
  expect((await again.get('/operator/publications/lantern')).status).toBe(200);
  const [row] = await testApp.context.db.many(sql`
    select name, is_administrator, email_confirmed_at is not null as confirmed, hash ~ '^\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$' as hashed
      from operators join operator_passwords on operator_id = id
  `);
  expect(row).toEqual({ name: 'Eda Njoroge', isAdministrator: false, confirmed: true, hashed: true });
});

test('an invitation works once, for three days, and only the newest of an address does', async () => {
  const first = await invite('eda@example.com');
  const second = await invite('eda@example.com', 'viewer');
  expect((await open(first)).status).toBe(410);
  const presses = await Promise.all([1, 2, 3].map(() => post(second, { password: PASSWORD })));
  expect(presses.map(({ status }) => status).sort()).toEqual([303, 410, 410]);
  expect((await open(second)).status).toBe(410);
  const { db } = testApp.context;
  const { id } = await db.one<{ id: string }>(sql`select id from operators`);
  expect(await findRole(db, { id, isAdministrator: false }, lantern.id)).toBe('viewer');

  const late = await invite('bo@example.com');
  testApp.advanceClock(3 * DAY_MS);
  const before = await dumpTables(db);
  const answer = await post(late, { password: PASSWORD });
  expect([answer.status, await answer.text()]).toEqual([
    410,
    expect.stringContaining('Nothing was changed.'),
  ]);
  expect(changedTables(before, await dumpTables(db))).toEqual([]);
});

test('a password that is tried first is refused, with what was typed kept and nothing changed', async () => {
  const link = await invite('eda@example.com');
  const before = await dumpTables(testApp.context.db);
  for (const [password, words] of [
    ['elevenchars', 'at least 12 characters'],
    ['', 'at least 12 characters'],
    ['password1234', 'tried first'],
    ['qwertyuiop12', 'tried first'],
    ['111111111111', 'tried first'],
    ['eda@example.com', 'tried first'],
    ['paperround2026', 'tried first'],
    ['x1'.repeat(200), 'at most 200'],
  ] as const) {
    const refused = await post(link, { name: 'Eda <Njoroge>', password });
    const page = await refused.text();
    expect([password, refused.status]).toEqual([password, 422]);
    expect(page).toContain(words);
    expect(page).toContain('value="Eda &lt;Njoroge&gt;"');
    expect(page).not.toContain('value="x1');
  }
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
});

test('fields that the form does not have give nobody more than the invitation does', async () => {
  const link = await invite('eda@example.com', 'viewer');
  await post(link, {
    password: PASSWORD,
    role: 'owner',
    isAdministrator: 'true',
    is_administrator: '1',
    email: 'other@example.com',
    publicationId: tides.id,
    publication_id: tides.id,
  });
  const { db } = testApp.context;
  expect(await db.many(sql`select email, is_administrator from operators`)).toEqual([
    { email: 'eda@example.com', isAdministrator: false },
  ]);
  expect(await db.many(sql`select publication_id, role from operator_roles`)).toEqual([
    { publicationId: lantern.id, role: 'viewer' },
  ]);
});

test('an address with an account accepts by signing in to it, and nobody else can accept for it', async () => {
  const first = await invite('eda@example.com');
  const eda = openBrowser(testApp);
  await eda.send(first, { password: PASSWORD });
  const what = { publicationId: tides.id, role: 'owner' as const, isAdministrator: false, invitedBy: null };
  await inviteToPublication(testApp.context, { email: 'Eda@example.com', ...what });
  await testApp.runDueJobs();
  const link = linkIn(await lastMail(testApp, 'Eda@example.com'), 'invitation');

  // A thief of the link has neither her account nor another way to take her address.
  const thief = openBrowser(testApp);
  expect(await (await thief.get(link)).text()).toContain('This address has an account here');
  expect((await thief.send(link, { password: 'another of my own phrases' })).status).toBe(403);
  expect((await thief.send(`${link}/accept`)).status).toBe(403);
  const other = await enterDashboard(testApp, (await addOperator(testApp, 'bo@example.com', 'viewer')).id);
  const refused = await post(`${link}/accept`, {}, { cookie: other });
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('This browser is signed in as bo@example.com'),
  ]);

  const before = eda.cookies.get('paperround_operator');
  expect(await locationOf(await eda.send(`${link}/accept`))).toEqual([303, '/operator']);
  expect((await eda.get('/operator/publications/tides')).status).toBe(200);
  // Her rights changed: what she had before is over.
  expect(eda.cookies.get('paperround_operator')).not.toBe(before);
  const old = { cookie: `paperround_operator=${before}` };
  expect((await open(`${testApp.url}/operator/publications/lantern`, old)).status).toBe(303);
});

test('the command line’s invitation leads to the account that it made, and is stored nowhere', async () => {
  const grant = { role: 'owner' as const, publicationIds: [lantern.id] };
  const made = await createInvitedOperator(testApp.context, { email: 'eda@example.com', name: 'Eda', grant });
  const token = made?.url.split('/').at(-1) ?? '';
  expect(JSON.stringify(await dumpTables(testApp.context.db, []))).not.toContain(token);
  const browser = openBrowser(testApp);
  expect(await (await browser.get(made?.url ?? '')).text()).toContain('value="Eda"');
  expect((await browser.send(made?.url ?? '', { password: PASSWORD })).status).toBe(303);
  expect((await browser.get('/operator/publications/lantern')).status).toBe(200);
  expect(await testApp.context.db.many(sql`select id, email_confirmed_at from operators`)).toEqual([
    { id: made?.operator.id, emailConfirmedAt: null },
  ]);
  // It was printed, not mailed.
  expect(await readMails(testApp)).toEqual([]);
});

test('who was invited is told by whom, as what and until when, and a link that is not ours opens nothing', async () => {
  const link = await invite('eda@example.com');
  const mail = await lastMail(testApp, 'eda@example.com');
  expect(mail.subject).toBe('Invitation to run The Lantern');
  expect(mail.text).toContain('You would be an editor');
  expect(mail.text).toMatch(/until \d+ November 2026, 12:00/);
  expect(mail.header('auto-submitted')).toBe('auto-generated');
  for (const wrong of [
    link.slice(0, -1),
    `${link}x`,
    link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
  ])
    expect((await open(wrong)).status).toBe(410);
  testApp.advanceClock(MINUTE_MS);
  expect((await open(link)).status).toBe(200);
});
