import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createOperator } from '../../src/operators/accounts.js';
import type { ActivityKind } from '../../src/operators/activity/kinds.js';
import { actingAs } from '../../src/platform/actor.js';
import { DAY_MS } from '../../src/platform/durations.js';
import { sql } from '../../src/platform/db/sql.js';
import { createToken } from '../../src/operators/api-token.js';
import { suppressAddress } from '../../src/subscribers/suppression/operator-changes.js';
import { addReader, resetTestApp } from '../support/fixtures.js';
import { addOperator, enterDashboard } from '../support/operator-session.js';
import {
  createConfirmedReader,
  lastMail,
  linkIn,
  post,
  readMails,
  requestConfirmLink,
} from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { findManageLink, requestAddressChange, requestOneHourLink } from './public/manage/request-links.js';

const ada = 'ada.example@example.com';
const moved = 'ada.moved@elsewhere.example';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
beforeEach(() => resetTestApp(app));
afterAll(() => app.close());

test('a form that nobody has confirmed leaves no row, and confirming leaves one', async () => {
  await app.createPublication();
  const made = await kindsSince();
  const link = await requestConfirmLink(app, ada);
  expect(await kindsSince(made)).toEqual([]);
  await post(link);
  await post(link);
  expect(await kindsSince(made)).toEqual(['subscription.confirmed by reader']);
});

test('what a reader does by the links of her mails is hers', async () => {
  await app.createPublication({ topics: ['Harbour', 'Town'] });
  const { unsubscribeLink } = await createConfirmedReader(app, ada);
  const settings = await findManageLink(app, ada);
  const made = await kindsSince();
  await post(`${settings}/choices`, { format: 'full' });
  await post(`${settings}/pause`, { length: 'week' });
  await post(`${settings}/resume`);
  await post(unsubscribeLink, 'List-Unsubscribe=One-Click');
  await post(`${unsubscribeLink}/undo`);
  await post(unsubscribeLink);
  await post(`${unsubscribeLink}/reason`, { reason: 'too-many' });
  expect(await kindsSince(made)).toEqual([
    'subscription.changed by reader',
    'subscription.paused by reader',
    'subscription.resumed by reader',
    'subscription.unsubscribed by reader',
    'subscription.restored by reader',
    'subscription.unsubscribed by reader',
  ]);
});

test('an address change is recorded without either address, and what she had it make room for', async () => {
  const publication = await app.createPublication();
  await createConfirmedReader(app, ada);
  await addReader(app, publication, moved, { status: 'pending' });
  const made = await kindsSince();
  await requestAddressChange(app, ada, moved);
  expect(await kindsSince(made)).toEqual([]);
  await post(linkIn(await lastMail(app, moved), 'manage'));
  await app.runDueJobs();
  await post(linkIn(await lastMail(app, ada), 'manage'));
  expect(await kindsSince(made)).toEqual([
    'subscription.replaced by reader',
    'subscription.address-changed by reader',
    'subscription.address-returned by reader',
  ]);
});

test('a program is recorded by its token, also where a key makes its request safe to repeat', async () => {
  const { id: publicationId } = await app.createPublication();
  const { id, token } = await createToken(app.context, { name: 'Sync', scopes: ['write', 'send'] });
  const made = await kindsSince();
  const article = { publication: publicationId, title: 'Low tide', summary: 'At six.', release: true };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (let request = 0; request < 2; request++)
    await fetch(`${app.url}/api/v1/articles`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': 'tide-1' },
      body: JSON.stringify(article),
    });
  expect(await kindsSince(made)).toEqual([
    'article.added by token',
    'article.approved by token',
    'article.released by system',
  ]);
  expect(await actorIds()).toEqual([id]);
});

test('an operator is recorded by the account, and who has none as the command line', async () => {
  const { slug } = await app.createPublication();
  const operator = await addOperator(app, 'bo@tide.example', 'editor');
  const made = await kindsSince();
  for (const id of [operator.id, null]) {
    const cookie = await enterDashboard(app, id);
    const form = { switch: id === null ? 'off' : 'on' };
    await post(`${app.url}/operator/publications/${slug}/readers/attack`, form, { cookie });
  }
  expect(await kindsSince(made)).toEqual(['attack.started by operator', 'attack.ended by command-line']);
  expect(await actorIds()).toEqual([operator.id]);
});

test('erasing a reader leaves no address and no link of hers in what was recorded', async () => {
  const publication = await app.createPublication({ contact: 'help@lantern.example' });
  const { unsubscribeLink } = await createConfirmedReader(app, ada, { timezone: 'Africa/Nairobi' });
  const ownLink = await requestOneHourLink(app, ada);
  await requestAddressChange(app, ada, moved);
  await post(linkIn(await lastMail(app, moved), 'manage'));
  await post(unsubscribeLink);
  await post(unsubscribeLink.replace('/unsubscribe/', '/never/'));
  await createConfirmedReader(app, 'second.reader@example.com');
  const { id: operatorId } = (await createOperator(app.context, {
    email: 'bo@tide.example',
    name: 'Bo',
    grant: 'administrator',
  })) ?? { id: '' };
  const { token } = await createToken(app.context, {
    name: `${ada} asked for it`,
    scopes: ['write', 'send'],
  });
  const cookie = await enterDashboard(app, operatorId);
  const welcomeText = `Write to ${ada}.`;
  await post(`${app.url}/operator/welcome`, { publication: publication.slug, welcomeText }, { cookie });
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${app.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const article = { publication: publication.id, title: `By ${ada}`, content: `<p>Ask ${ada}</p>` };
  const pushed = (await (await call('POST', '/articles', article)).json()) as { id: string };
  await call('PUT', `/articles/${pushed.id}`, { title: `Not by ${ada}`, authors: [ada] });
  const url = 'https://bo:feedpassword@feeds.example/tide?key=feedkey';
  expect((await call('POST', '/feeds', { publication: publication.id, url })).status).toBe(201);
  await call('PATCH', '/publications/lantern', { name: `News of ${ada}`, replyTo: ada, fromName: ada });
  const byHand = actingAs(app.context, { kind: 'command-line' });
  await suppressAddress(byHand, { emailKey: ada, publicationId: publication.id, note: `${ada} asked` });
  app.advanceClock(DAY_MS);
  await app.runDueJobs();
  for (const { id } of await app.context.db.many<{ id: string }>(sql`select id from subscriptions`))
    await call('DELETE', `/subscriptions/${id}`);

  const rows = await app.context.db.many<{ row: string }>(
    sql`select to_jsonb(activity)::text as row from activity order by id`,
  );
  const dump = rows.map(({ row }) => row).join('\n');
  const mails = await readMails(app);
  const addresses = [...mails.map(({ to }) => to), ada, moved, 'bo@tide.example', 'help@lantern.example'];
  const links = [...mails.flatMap((mail) => mail.links), ownLink, unsubscribeLink];
  const secrets = links.flatMap((link) =>
    new URL(link).pathname.split('/').filter(({ length }) => length > 15),
  );
  expect(secrets.length).toBeGreaterThan(10);
  const used = [...addresses, ...secrets, token, cookie.split('=')[1] ?? '', 'feedpassword', 'feedkey'];
  expect(used.filter((each) => dump.toLowerCase().includes(each.toLowerCase()))).toEqual([]);
  expect(dump).not.toMatch(/[\w.+-]+@[\w-]+\./);
  expect(rows.length).toBeGreaterThan(15);
});

/** The kinds so far, and by whom; after those that were there before. */
async function kindsSince(before: readonly string[] = []): Promise<string[]> {
  const rows = await app.context.db.many<{ kind: ActivityKind; actorKind: string }>(
    sql`select kind, actor_kind from activity order by id`,
  );
  return rows.map(({ kind, actorKind }) => `${kind} by ${actorKind}`).slice(before.length);
}

async function actorIds(): Promise<string[]> {
  const rows = await app.context.db.many<{ id: string }>(
    sql`select distinct actor_id as id from activity where actor_id is not null`,
  );
  return rows.map(({ id }) => id);
}
