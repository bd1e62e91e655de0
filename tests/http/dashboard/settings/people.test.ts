import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { findRole } from '../../../../src/operators/permissions.js';
import type { Role } from '../../../../src/operators/operator.js';
import { createToken } from '../../../../src/operators/api-token.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { DAY_MS, MINUTE_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { blockAddress } from '../../../../src/subscribers/suppression/block-address.js';
import { createOperator, removeOperator } from '../../../../src/operators/accounts.js';
import {
  changeRole,
  removeFromPublication,
  setAdministrator,
  setRole,
} from '../../../../src/operators/change-role.js';
import { addReader, resetTestApp } from '../../../support/fixtures.js';
import { enterDashboard, mainText } from '../../../support/operator-session.js';
import { lastMail, linkIn, open, post, readMails } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addAccount, hiddenField, PASSWORD, signedIn } from '../sign-in/accounts.js';
import { openBrowser, type Browser } from '../sign-in/browser.js';

let testApp: TestApp;
let lantern: Publication;
let tides: Publication;
let owner: Browser;

const PAGE = '/operator/publications/lantern/settings/people';

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  lantern = await testApp.createPublication();
  await addAccount(testApp, 'owner@example.com', 'owner');
  tides = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  owner = await signedIn(testApp, 'owner@example.com');
});
afterAll(() => testApp.close());

const words = async (answer: Promise<Response>) => mainText(await (await answer).text());
const doneOf = (answer: Response) =>
  new URL(answer.headers.get('location') ?? '', testApp.url).searchParams.get('done');

/** Somebody with a role at one newsletter, in her browser. */
async function addPerson(email: string, role: Role, publication = lantern) {
  const grant = { role, publicationIds: [publication.id] };
  const operator = await createOperator(testApp.context, { email, name: null, grant });
  const id = operator?.id ?? '';
  return { id, cookie: await enterDashboard(testApp, id) };
}

const roleOf = async (id: string, publication = lantern) =>
  findRole(testApp.context.db, { id, isAdministrator: false }, publication.id);

describe('an owner', () => {
  test('invites by mail, may copy the link until a server has taken a mail, and takes an invitation back', async () => {
    const invited = await owner.send(PAGE, { email: 'eda@example.com', role: 'viewer' });
    expect([invited.status, doneOf(invited)]).toEqual([303, 'invited']);
    const before = await (await owner.get(PAGE)).text();
    expect(mainText(before)).toContain('eda@example.com Viewer, until');
    const copied = /http:[^<]*\/operator\/invitation\/[\w-]+/.exec(before)?.[0] ?? '';
    expect((await open(copied)).status).toBe(200);
    await testApp.runDueJobs();
    const after = await (await owner.get(PAGE)).text();
    expect(mainText(after)).toContain('The mail server has taken its mail');
    expect(after).not.toContain('/operator/invitation/');
    const link = linkIn(await lastMail(testApp, 'eda@example.com'), 'invitation');
    const [, id = ''] = /invitations\/([\w-]{36})\/withdraw/.exec(after) ?? [];
    expect(doneOf(await owner.send(`${PAGE}/invitations/${id}/withdraw`))).toBe('withdrawn');
    for (const each of [link, copied]) expect((await open(each)).status).toBe(410);
    for (const verb of ['withdraw', 'again'])
      expect((await owner.send(`${PAGE}/invitations/${id}/${verb}`)).status).toBe(404);
  });

  test('sends an invitation again, also one that ran out: the new link works, the earlier no more', async () => {
    await owner.send(PAGE, { email: 'eda@example.com', role: 'viewer' });
    await testApp.runDueJobs();
    const first = linkIn(await lastMail(testApp, 'eda@example.com'), 'invitation');
    testApp.advanceClock(4 * DAY_MS);
    expect((await open(first)).status).toBe(410);
    const html = await (await owner.get(PAGE)).text();
    expect(mainText(html)).toMatch(/eda@example.com Viewer, ran out .* Nobody accepted it in time/);
    const [, id = ''] = /invitations\/([\w-]{36})\/again/.exec(html) ?? [];
    const again = await owner.send(`${PAGE}/invitations/${id}/again`, { 'confirm-password': PASSWORD });
    expect(doneOf(again)).toBe('again');
    await testApp.runDueJobs();
    const second = linkIn(await lastMail(testApp, 'eda@example.com'), 'invitation');
    expect([(await open(first)).status, (await open(second)).status]).toEqual([410, 200]);
    expect((await owner.send(`${PAGE}/invitations/${id}/again`)).status).toBe(404);
  });

  test('sees of an invitation that was not mailed why, and may give its link another way', async () => {
    await owner.send(PAGE, { email: 'first@example.com', role: 'viewer' });
    await testApp.runDueJobs();
    const reader = await addReader(testApp, lantern, 'blocked@example.com');
    await blockAddress(testApp.context, reader.id);
    testApp.smtp.setScript((stage, address) =>
      stage === 'rcpt' && address === 'gone@example.com' ? '550 5.1.1 No such user' : undefined,
    );
    for (const email of ['blocked@example.com', 'gone@example.com'])
      await owner.send(PAGE, { email, role: 'viewer' });
    await testApp.runDueJobs();
    const html = await (await owner.get(PAGE)).text();
    expect(mainText(html)).toMatch(/blocked@example\.com .*It was not mailed: the address asked for no mail/);
    expect(mainText(html)).toMatch(/gone@example\.com .*Its mail came back: 550/);
    expect(html.match(/\/operator\/invitation\//g)).toHaveLength(2);
  });

  test('is told of a mistake beside what was typed, and learns nothing of accounts elsewhere', async () => {
    const wrong = await owner.send(PAGE, { email: 'eda@', role: 'viewer' });
    const page = await wrong.text();
    expect([wrong.status, page]).toEqual([422, expect.stringContaining('value="eda@"')]);
    expect(page).toContain('id="invite-viewer" name="role" value="viewer" checked');
    await addPerson('here@example.com', 'viewer');
    const twice = await owner.send(PAGE, { email: 'HERE@example.com', role: 'owner' });
    expect([twice.status, await twice.text()]).toEqual([
      409,
      expect.stringContaining('has a role here already'),
    ]);
    // Somebody of another newsletter is invited as anybody is.
    await addPerson('there@example.com', 'owner', tides);
    const [known, unknown] = [
      await owner.send(PAGE, { email: 'there@example.com', role: 'viewer' }),
      await owner.send(PAGE, { email: 'nobody@example.com', role: 'viewer' }),
    ];
    expect([known.status, known.headers.get('location')]).toEqual([
      unknown.status,
      unknown.headers.get('location'),
    ]);
    expect(await words(owner.get(PAGE))).not.toContain('there@example.com Owner');
  });

  test('changes a role: sessions end, tokens may no more than their maker, and nothing goes on that was open', async () => {
    const { id, cookie } = await addPerson('ed@example.com', 'owner');
    const { token } = await createToken(testApp.context, {
      ...{ name: 'Sync', scopes: ['read', 'write'] },
      ...{ operatorId: id, publicationId: lantern.id },
    });
    const rename = () =>
      fetch(`${testApp.url}/api/v1/publications/lantern`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ hour: 8 }),
      });
    expect((await rename()).status).toBe(200);
    const welcome = `${testApp.url}/operator/publications/lantern/look/welcome`;
    expect((await post(welcome, { welcomeText: 'x' }, { cookie })).status).toBe(303);
    expect(doneOf(await owner.send(`${PAGE}/${id}/role`, { role: 'viewer' }))).toBe('changed');
    expect((await post(welcome, { welcomeText: 'y' }, { cookie })).status).toBe(401);
    expect((await rename()).status).toBe(403);
    const again = await enterDashboard(testApp, id);
    expect((await post(welcome, { welcomeText: 'y' }, { cookie: again })).status).toBe(403);
    expect((await open(welcome, { cookie: again })).status).toBe(200);
    expect(doneOf(await owner.send(`${PAGE}/${id}/role`, { role: 'viewer' }))).toBe('same');
    expect((await owner.send(`${PAGE}/${id}/role`, { role: 'administrator' })).status).toBe(404);
  });

  test('removes somebody: the account goes with its last role, and its sessions and tokens with it', async () => {
    const { id, cookie } = await addPerson('ed@example.com', 'editor');
    const { token } = await createToken(testApp.context, { name: 'Sync', scopes: ['read'], operatorId: id });
    const list = async () =>
      (await fetch(`${testApp.url}/api/v1/publications`, { headers: { authorization: `Bearer ${token}` } }))
        .status;
    expect(await list()).toBe(200);
    expect(doneOf(await owner.send(`${PAGE}/${id}/remove`))).toBe('removed');
    expect(
      (await open(`${testApp.url}/operator/publications/lantern`, { cookie })).headers.get('location'),
    ).toContain('/operator/sign-in');
    expect(await list()).toBe(401);
    expect((await owner.send(`${PAGE}/${id}/remove`)).status).toBe(404);
    const rows = await testApp.context.db.many(sql`select email from operators where removed_at is not null`);
    expect(rows).toEqual([{ email: 'ed@example.com' }]);

    const both = await addPerson('bo@example.com', 'editor');
    await testApp.context.db.run(sql`
      insert into operator_roles (operator_id, publication_id, role, created_at) values (${both.id}, ${tides.id}, 'viewer', now())
    `);
    await owner.send(`${PAGE}/${both.id}/remove`);
    expect([await roleOf(both.id), await roleOf(both.id, tides)]).toEqual([undefined, 'viewer']);
  });

  test('changes nothing of herself, of people elsewhere, of administrators, or of the whole server', async () => {
    const { db } = testApp.context;
    const { id: own } = await db.one<{ id: string }>(sql`select id from operators`);
    const boss = await addAccount(testApp, 'boss@example.com', 'administrator');
    const elsewhere = await addPerson('there@example.com', 'viewer', tides);
    const ed = await addPerson('ed@example.com', 'editor');
    for (const path of [`${own}/role`, `${own}/remove`]) {
      const refused = await owner.send(`${PAGE}/${path}`, { role: 'viewer' });
      expect([refused.status, await refused.text()]).toEqual([
        409,
        expect.stringContaining('Ask another owner'),
      ]);
    }
    for (const id of [elsewhere.id, boss.id, own.replace(/.$/, '0'), 'x']) {
      expect([404, 409]).toContain((await owner.send(`${PAGE}/${id}/role`, { role: 'viewer' })).status);
      expect([404, 409]).toContain((await owner.send(`${PAGE}/${id}/remove`)).status);
    }
    expect((await owner.send(`${PAGE}/${ed.id}/administrator`, { administrator: 'on' })).status).toBe(403);
    const asked = await owner.send(PAGE, { email: 'new@example.com', role: 'administrator' });
    expect([asked.status, await asked.text()]).toEqual([
      403,
      expect.stringContaining('only an administrator may'),
    ]);
    expect(await roleOf(elsewhere.id, tides)).toBe('viewer');
    expect(await db.many(sql`select email from operators where is_administrator`)).toEqual([
      { email: 'boss@example.com' },
    ]);
    expect(await db.many(sql`select id from operator_invitations`)).toEqual([]);
    const invitedThere = await openTides();
    expect((await owner.send(`${PAGE}/invitations/${invitedThere}/withdraw`)).status).toBe(404);
    expect((await owner.get('/operator/publications/tides/settings/people')).status).toBe(404);
  });

  test('is asked again after ten minutes, and what she typed goes on', async () => {
    testApp.advanceClock(10 * MINUTE_MS);
    const asked = await owner.send(PAGE, { email: 'eda@example.com', role: 'viewer' });
    const page = await asked.text();
    expect([asked.status, page]).toEqual([403, expect.stringContaining('Show that it is you')]);
    expect(page).toContain('name="email" value="eda@example.com"');
    expect(await testApp.context.db.many(sql`select id from operator_invitations`)).toEqual([]);
    const confirmed = { email: 'eda@example.com', role: 'viewer', 'confirm-password': PASSWORD };
    expect(doneOf(await owner.send(PAGE, confirmed))).toBe('invited');
  });

  async function openTides(): Promise<string> {
    const { id } = await testApp.context.db.one<{ id: string }>(sql`
      insert into operator_invitations (email, email_key, publication_id, role, created_at, expires_at)
      values ('x@example.com', 'x@example.com', ${tides.id}, 'viewer', now(), now() + interval '100 years') returning id
    `);
    return id;
  }
});

test('an administrator makes administrators, invites them, and makes them none again', async () => {
  const boss = await addAccount(testApp, 'boss@example.com', 'administrator');
  const browser = await signedIn(testApp, 'boss@example.com');
  const { id, cookie } = await addPerson('ed@example.com', 'editor');
  expect(await words(browser.get(PAGE))).toContain(
    'boss@example.com (you) Administrator of the whole server',
  );
  expect(doneOf(await browser.send(`${PAGE}/${id}/administrator`, { administrator: 'on' }))).toBe('changed');
  expect((await open(`${testApp.url}/operator/publications/tides`, { cookie })).status).toBe(303);
  expect(
    (await open(`${testApp.url}/operator/publications/tides`, { cookie: await enterDashboard(testApp, id) }))
      .status,
  ).toBe(200);
  expect(doneOf(await browser.send(`${PAGE}/${id}/administrator`, { administrator: 'off' }))).toBe('changed');
  expect(
    (await open(`${testApp.url}/operator/publications/tides`, { cookie: await enterDashboard(testApp, id) }))
      .status,
  ).toBe(404);
  expect((await browser.send(`${PAGE}/${boss.id}/administrator`, { administrator: 'off' })).status).toBe(409);

  await browser.send(PAGE, { email: 'second@example.com', role: 'administrator' });
  await testApp.runDueJobs();
  const link = linkIn(await lastMail(testApp, 'second@example.com'), 'invitation');
  const second = openBrowser(testApp);
  expect((await second.send(link, { password: PASSWORD })).status).toBe(303);
  expect((await second.get('/operator/publications/tides')).status).toBe(200);
});

test('an owner sees no invitation to the whole server, whose link would let her in, and can do nothing with it', async () => {
  await addAccount(testApp, 'boss@example.com', 'administrator');
  const browser = await signedIn(testApp, 'boss@example.com');
  await browser.send(PAGE, { email: 'second@example.com', role: 'administrator' });
  const shown = await (await browser.get(PAGE)).text();
  expect(shown).toContain('/operator/invitation/');
  const [, id = ''] = /invitations\/([\w-]{36})\/again/.exec(shown) ?? [];
  expect(await (await owner.get(PAGE)).text()).not.toMatch(/second@example\.com|operator\/invitation\//);
  for (const verb of ['again', 'withdraw'])
    expect((await owner.send(`${PAGE}/invitations/${id}/${verb}`)).status).toBe(404);
  expect(doneOf(await browser.send(`${PAGE}/invitations/${id}/again`))).toBe('again');
});

test('a link that was copied opens no account that was made for another newsletter', async () => {
  // Made by the command line, and not opened yet.
  const ed = await addPerson('ed@example.com', 'editor', tides);
  await owner.send(PAGE, { email: 'ed@example.com', role: 'viewer' });
  const [copied = ''] =
    /http:[^<]*\/operator\/invitation\/[\w-]+/.exec(await (await owner.get(PAGE)).text()) ?? [];
  const thief = openBrowser(testApp);
  const refused = await thief.send(copied, { password: PASSWORD });
  expect([refused.status, mainText(await refused.text())]).toEqual([
    403,
    expect.stringContaining('an account that nobody has opened yet'),
  ]);
  expect(await testApp.context.db.many(sql`select operator_id from operator_passwords`)).toHaveLength(1);
  await testApp.runDueJobs();
  const mailed = linkIn(await lastMail(testApp, 'ed@example.com'), 'invitation');
  expect((await openBrowser(testApp).send(mailed, { password: PASSWORD })).status).toBe(303);
  expect([await roleOf(ed.id), await roleOf(ed.id, tides)]).toEqual(['viewer', 'editor']);
});

test('of two owners who take the role from each other at once one stays, and the command line keeps the last, too', async () => {
  const { context } = testApp;
  const second = await addPerson('second@example.com', 'owner');
  const first = await context.db.one<{ id: string }>(
    sql`select id from operators where email = 'owner@example.com'`,
  );
  const at = (operatorId: string) => ({ operatorId, publicationId: lantern.id });
  const kinds = (
    await Promise.all([
      changeRole(context, { ...at(first.id), role: 'viewer' }),
      removeFromPublication(context, at(second.id)),
    ])
  ).map(({ kind }) => kind);
  expect(kinds).toContain('last-owner');
  const left = (await roleOf(first.id)) === 'owner' ? first.id : second.id;
  expect(await roleOf(left)).toBe('owner');
  expect(await removeOperator(context, left)).toEqual({ kind: 'last-owner' });
  expect(await setRole(context, { ...at(left), role: 'editor' })).toEqual({ kind: 'last-owner' });
  // An administrator is an owner of every newsletter.
  const boss = await addAccount(testApp, 'boss@example.com', 'administrator');
  expect(await setRole(context, { ...at(left), role: 'editor' })).toEqual({ kind: 'changed' });
  expect(await setAdministrator(context, boss.id, false)).toEqual({ kind: 'last-administrator' });
  expect(await removeOperator(context, boss.id)).toEqual({ kind: 'last-administrator' });
});

test('invitations of who may invite no more stop working, and history says so', async () => {
  const { id } = await addPerson('second@example.com', 'owner');
  const second = openBrowser(testApp);
  second.cookies.set('paperround_operator', (await enterDashboard(testApp, id)).split('=')[1] ?? '');
  await second.send(PAGE, { email: 'friend@example.com', role: 'owner' });
  await owner.send(PAGE, { email: 'eda@example.com', role: 'viewer' });
  await testApp.runDueJobs();
  const friend = linkIn(await lastMail(testApp, 'friend@example.com'), 'invitation');
  expect((await open(friend)).status).toBe(200);
  await owner.send(`${PAGE}/${id}/role`, { role: 'editor' });
  expect((await open(friend)).status).toBe(410);
  const eda = linkIn(await lastMail(testApp, 'eda@example.com'), 'invitation');
  expect((await open(eda)).status).toBe(200);
  expect(
    await testApp.context.db.many(sql`select actor_kind from activity where kind = 'invitation.withdrawn'`),
  ).toEqual([{ actorKind: 'operator' }]);
});

test('what a demoted editor had open is kept until she signs in, is then refused in words, and nothing is changed', async () => {
  const ed = await addAccount(testApp, 'ed@example.com', 'editor');
  const browser = await signedIn(testApp, 'ed@example.com');
  const welcome = '/operator/publications/lantern/look/welcome';
  await owner.send(`${PAGE}/${ed.id}/role`, { role: 'viewer' });
  const asked = await browser.send(welcome, { welcomeText: 'Typed for an hour' });
  const page = await asked.text();
  expect([asked.status, page]).toEqual([401, expect.stringContaining('What you typed is kept')]);
  const shown = await browser.send('/operator/sign-in', {
    ...{ email: 'ed@example.com', password: PASSWORD },
    ...{ next: hiddenField(page, 'next'), kept: hiddenField(page, 'kept') },
  });
  expect(await shown.text()).toContain('Typed for an hour');
  const refused = await browser.send(welcome, { welcomeText: 'Typed for an hour' });
  expect([refused.status, mainText(await refused.text())]).toEqual([
    403,
    expect.stringContaining('Nothing was changed'),
  ]);
  expect(
    await testApp.context.db.many(sql`select id from publications where welcome_text is not null`),
  ).toEqual([]);
  // An editor at the owners' pages is not told that she is a viewer.
  await owner.send(`${PAGE}/${ed.id}/role`, { role: 'editor' });
  const again = await signedIn(testApp, 'ed@example.com');
  expect(mainText(await (await again.get(PAGE)).text())).toContain('Only an owner of the newsletter decides');
});

test('an editor and a viewer see neither people nor programs, and no link to them', async () => {
  for (const role of ['editor', 'viewer'] as const) {
    const { cookie } = await addPerson(`${role}@example.com`, role);
    for (const page of ['people', 'programs'])
      expect(
        (await open(`${testApp.url}/operator/publications/lantern/settings/${page}`, { cookie })).status,
      ).toBe(403);
    const settings = await (
      await open(`${testApp.url}/operator/publications/lantern/settings`, { cookie })
    ).text();
    expect(settings).not.toMatch(/settings\/(?:people|programs)/);
  }
  expect(await readMails(testApp)).toEqual([]);
});
