import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { eraseSubscription } from '../../../../src/subscribers/erase/erase.js';
import { unsubscribe } from '../../../../src/subscribers/leave/unsubscribe.js';
import { ghostKey, type OldLink } from '../../../../src/subscribers/old-links/old-link.js';
import { recordOldLinks } from '../../../../src/subscribers/old-links/record-old-links.js';
import { addReader, addReaders, reloadReader } from '../../../support/fixtures.js';
import { open, post, readMails } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

/** Of each product. OLD_MAILS=1000 takes a minute or two longer. */
const MAILS = Number(process.env['OLD_MAILS'] ?? 100);

const ONE_CLICK = 'List-Unsubscribe=One-Click';
const GHOST_SECRET = randomBytes(64).toString('hex');
const CAMPAIGN = randomUUID();
const NEWSLETTER = randomUUID();

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

const record = (links: OldLink[]) => testApp.context.db.transaction((tx) => recordOldLinks(tx, links));
const statusOf = async (id: string) => (await reloadReader(testApp, { id })).status;

/** PHP's base64 has its padding cut off by MailPoet. */
const mailpoetData = (value: unknown) =>
  Buffer.from(JSON.stringify(value)).toString('base64').replace(/=+$/, '');
const mailpoetPath = (action: string, data: unknown) =>
  `/?mailpoet_page=subscriptions&mailpoet_router&endpoint=subscription&action=${action}&data=${mailpoetData(data)}`;

type Moved = { id: string; email: string; path: string };

/** A reader of each product with her link, in the form that the product's source has. */
const movers: Record<OldLink['product'], (id: string, email: string) => { link: OldLink; path: string }> = {
  listmonk: (subscriptionId) => {
    const uuid = randomUUID();
    return { link: { product: 'listmonk', subscriptionId, uuid }, path: `/subscription/${CAMPAIGN}/${uuid}` };
  },
  ghost: (subscriptionId) => {
    const uuid = randomUUID();
    const key = ghostKey(GHOST_SECRET, uuid);
    return {
      link: { product: 'ghost', subscriptionId, uuid, key, newsletter: NEWSLETTER },
      path: `/unsubscribe/?uuid=${uuid}&key=${key}&newsletter=${NEWSLETTER}`,
    };
  },
  mailpoet: (subscriptionId, email) => {
    const token = randomBytes(16).toString('hex');
    return {
      link: { product: 'mailpoet', subscriptionId, email, token, id: null },
      path: mailpoetPath('unsubscribe', { queueId: 7, token, email }),
    };
  },
};
const products = Object.keys(movers) as OldLink['product'][];

async function move(product: OldLink['product'], emails: string[]): Promise<Moved[]> {
  const readers = await addReaders(testApp, publication, emails);
  const moved = readers.map(({ id, email }) => ({ id, email, ...movers[product](id, email) }));
  await record(moved.map(({ link }) => link));
  return moved;
}

const moveOne = async (product: OldLink['product'], email: string): Promise<Moved> => {
  const [one] = await move(product, [email]);
  if (one === undefined) throw new Error('Nobody was moved');
  return one;
};

test.each(products)('opening a link of %s changes nothing, however often, and with HEAD', async (product) => {
  const { id, path } = await moveOne(product, `look-${product}@example.com`);
  for (const method of ['GET', 'HEAD', 'GET'])
    expect((await fetch(testApp.url + path, { method, redirect: 'manual' })).status).toBe(303);
  expect(await statusOf(id)).toBe('confirmed');
  const page = await (await fetch(testApp.url + path, { headers: { accept: 'text/html' } })).text();
  expect(page).toContain('<button');
});

test.each(products)(
  'the button of %s’s own page that is sent once more leads to our page, and says that she left',
  async (product) => {
    const { id, path } = await moveOne(product, `again-${product}@example.com`);
    const answer = await post(testApp.url + path, { blocklist: 'false' });
    expect(answer.headers.get('location')).toMatch(/^\/unsubscribe\//);
    expect(await statusOf(id)).toBe('unsubscribed');
    expect((await post(testApp.url + path, ONE_CLICK)).status).toBe(200);
  },
);

test('a wrong key, a wrong token and another address open nothing', async () => {
  const ghost = await moveOne('ghost', 'key@example.com');
  const mailpoet = await moveOne('mailpoet', 'token@example.com');
  const uuid = /uuid=([\w-]+)/.exec(ghost.path)?.[1] ?? '';
  const wrong = [
    `/unsubscribe/?uuid=${uuid}`,
    `/unsubscribe/?uuid=${uuid}&key=${ghostKey('another', uuid)}`,
    `/unsubscribe/?uuid=${uuid}&key=x`,
    mailpoetPath('unsubscribe', { token: 'x'.repeat(32), email: mailpoet.email }),
    mailpoetPath('unsubscribe', { email: mailpoet.email }),
    mailpoetPath('unsubscribe', [1]),
    '/?mailpoet_router&endpoint=subscription&action=unsubscribe&data=%%%',
    '/?mailpoet_router',
    `/subscription/${CAMPAIGN}/${randomUUID()}`,
  ];
  for (const path of wrong) {
    expect([path, (await post(testApp.url + path, ONE_CLICK)).status]).toEqual([path, 404]);
    const page = await open(testApp.url + path);
    expect([path, page.status]).toEqual([path, 404]);
    expect(await page.text()).toContain('action="/old-link/address"');
  }
  expect(await statusOf(ghost.id)).toBe('confirmed');
  expect(await statusOf(mailpoet.id)).toBe('confirmed');
});

test('a link of Ghost names one newsletter, and one without a name all of them', async () => {
  const other = await testApp.createPublication({ slug: 'town', name: 'Town' });
  const [uuid, town] = [randomUUID(), randomUUID()];
  const key = ghostKey(GHOST_SECRET, uuid);
  const [here, there] = [
    await addReader(testApp, publication, 'both@example.com'),
    await testApp.context.db.one<{ id: string }>(sql`
      insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone,
                                 topics, watermark, created_at, confirmed_at)
      select ${other.id}, id, 'confirmed', 'en', 'daily', 7, 1, 1, 'UTC', '{}', 0, now(), now()
        from subscribers where email_key = 'both@example.com'
      returning id
    `),
  ];
  const link = { product: 'ghost' as const, uuid, key };
  await record([
    { ...link, subscriptionId: here.id, newsletter: NEWSLETTER },
    { ...link, subscriptionId: there.id, newsletter: town },
  ]);
  const path = `/unsubscribe/?uuid=${uuid}&key=${key}`;
  const page = await open(testApp.url + path);
  expect(page.status).toBe(200);
  expect((await page.text()).match(/href="\/unsubscribe\/[\w-]+"/g)).toHaveLength(2);
  await post(`${testApp.url}${path}&newsletter=${town}`, ONE_CLICK);
  expect([await statusOf(here.id), await statusOf(there.id)]).toEqual(['confirmed', 'unsubscribed']);
  await post(testApp.url + path, ONE_CLICK);
  expect(await statusOf(here.id)).toBe('unsubscribed');
  await testApp.context.db.run(sql`update publications set archived_at = now() where id = ${other.id}`);
});

test('a counted click of MailPoet leads to her page, and what is no old link is answered as before', async () => {
  const reader = await addReader(testApp, publication, 'click@example.com');
  const token = randomBytes(16).toString('hex');
  await record([{ product: 'mailpoet', subscriptionId: reader.id, email: reader.email, token, id: '42' }]);
  const data = mailpoetData(['42', token, '7', 'ae75bb29b5c9', false]);
  const path = `/?mailpoet_router&endpoint=track&action=click&data=${data}`;
  expect((await open(testApp.url + path)).headers.get('location')).toMatch(/^\/unsubscribe\//);
  expect((await open(`${testApp.url}/unsubscribe/`)).status).toBe(404);
  expect((await open(`${testApp.url}/subscription/x/y`)).status).toBe(404);
  expect((await open(`${testApp.url}/subscription/optin/${randomUUID()}`)).headers.get('location')).toBe('/');
});

test('it is recorded once, survives that she is erased, and is stored nowhere in a form that could be used', async () => {
  const { id, path } = await moveOne('mailpoet', 'erased@example.com');
  const data = new URLSearchParams(path.slice(2)).get('data') ?? '';
  const { token } = JSON.parse(Buffer.from(data, 'base64').toString()) as { token: string };
  await record([{ product: 'mailpoet', subscriptionId: id, email: 'erased@example.com', token, id: null }]);
  const rows = await testApp.context.db.many(sql`select * from old_links where subscription_id = ${id}`);
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(token);
  await eraseSubscription(testApp.context, id);
  const shown = await fetch(testApp.url + path, { headers: { accept: 'text/html' } });
  expect([shown.status, await shown.text()]).toEqual([
    200,
    expect.not.stringContaining('erased@example.com'),
  ]);
  expect((await post(testApp.url + path, ONE_CLICK)).status).toBe(200);
});

test('who is not known by her link is let go by her address, told by mail, and the answer tells nobody who reads', async () => {
  const reader = await addReader(testApp, publication, 'unknown@example.com');
  await testApp.runDueJobs();
  testApp.smtp.messages.length = 0;
  const form = `${testApp.url}/old-link/address`;
  const answers = [];
  for (const email of ['Unknown@example.com', 'stranger@example.com']) {
    const answer = await post(form, { email });
    answers.push([answer.status, answer.headers.get('location')]);
  }
  expect(answers).toEqual([
    [303, '/old-link/address?done=asked&newsletter=lantern'],
    [303, '/old-link/address?done=asked&newsletter=lantern'],
  ]);
  expect(await (await open(testApp.url + String(answers[0]?.[1]))).text()).toContain(
    'it doesn&#39;t any more',
  );
  await testApp.runDueJobs();
  expect(await statusOf(reader.id)).toBe('unsubscribed');
  const mails = await readMails(testApp);
  expect(mails.map(({ to }) => to)).toEqual(['unknown@example.com']);
  expect(mails[0]?.links.length).toBeGreaterThan(0);
  const recorded = await testApp.context.db.one(sql`
    select actor_kind from activity where subject_id = ${reader.id} and kind = 'subscription.unsubscribed'
  `);
  expect(recorded).toEqual({ actorKind: 'reader' });
  const mistyped = await post(form, { email: 'unknown@' });
  expect([mistyped.status, await mistyped.text()]).toEqual([
    422,
    expect.stringContaining('value="unknown@"'),
  ]);
});

test('where there are several newsletters it asks which one', async () => {
  await testApp.createPublication({ slug: 'second', name: 'Second' });
  const form = `${testApp.url}/old-link/address`;
  const page = await (await open(form)).text();
  expect(page).toContain('<option value="second">');
  const unchosen = await post(form, { email: 'a@example.com' });
  expect([unchosen.status, await unchosen.text()]).toEqual([
    422,
    expect.stringContaining('Choose the newsletter.'),
  ]);
  expect((await post(form, { email: 'a@example.com', newsletter: 'second' })).status).toBe(303);
});

test.each(products)(
  `of ${MAILS} mails of %s each reader leaves, by the page or by the button of her mail program, and nobody comes back`,
  async (product) => {
    const moved = await move(
      product,
      Array.from({ length: MAILS }, (_, at) => `${product}-${at}@example.com`),
    );
    const gone = moved.slice(0, 10);
    for (const { id } of gone) await unsubscribe(testApp.context, id);
    await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        for (const [at, { path }] of moved.entries()) {
          if (at % 8 !== worker) continue;
          if (at % 2 === 0) {
            const answer = await post(testApp.url + path, ONE_CLICK);
            expect([answer.status, answer.headers.get('location')]).toEqual([200, null]);
          } else {
            const shown = await open(testApp.url + path);
            const ours = shown.headers.get('location') ?? '';
            expect([shown.status, ours]).toEqual([303, expect.stringMatching(/^\/unsubscribe\/[\w-]+$/)]);
            expect((await post(testApp.url + ours)).status).toBe(303);
          }
        }
      }),
    );
    const ids = moved.map(({ id }) => id);
    const { left } = await testApp.context.db.one<{ left: number }>(sql`
      select count(*)::integer as left from subscriptions where id = any(${ids}::uuid[]) and status = 'unsubscribed'
    `);
    expect(left).toBe(MAILS);
  },
  600_000,
);
