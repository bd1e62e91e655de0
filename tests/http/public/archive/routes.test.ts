import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAtomFeed } from 'feedsmith';
import { simpleParser } from 'mailparser';
import { SaxesParser } from 'saxes';
import { shortenUuid } from '../../../../src/platform/uuid.js';
import { correctArticle } from '../../../../src/articles/release/correct-article.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { sendOperatorDigest } from '../../../../src/deliveries/plan/operator-digest.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addArticles, addReaders } from '../../../support/fixtures.js';
import { open } from '../../../support/reader-actions.js';
import { retractArticle } from '../../../../src/articles/release/decide-article.js';
import { updatePublication } from '../../../../src/publications/change-publication.js';

let testApp: TestApp;
let publication: Publication;
let digests: string[];

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ defaultCadence: 'instant', holdMinutes: 0 });
  await addReaders(testApp, publication, ['ada@example.com', 'bea@example.com']);
  for (const title of ['Harbour <b>reopens</b>', 'Storm', 'Ferry']) {
    await addArticles(testApp, publication, {
      title,
      url: `https://lantern.example/${title.slice(0, 5).trim()}`,
      content: `<p>${title.slice(0, 5)}, told in full.</p><figure><img src="https://lantern.example/a.jpg" alt="x" width="600" height="400" /></figure>`,
    });
    await testApp.runDueJobs();
    testApp.advanceClock(3600_000);
  }
  digests = (await testApp.context.db.many<{ id: string }>(sql`select id from digests order by id`)).map(
    ({ id }) => id,
  );
});

afterAll(() => testApp.close());

const page = (path: string) => open(`${testApp.url}/lantern/${path}`);

test('what was sent can be read by everybody, newest first, without anything of a reader', async () => {
  const listing = await page('archive');
  expect(listing.status).toBe(200);
  expect(listing.headers.get('set-cookie')).toBeNull();
  const text = await listing.text();
  const order = ['Ferry', 'Storm', 'Harbour &lt;b&gt;reopens&lt;/b&gt;'].map((title) => text.indexOf(title));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
  for (const id of digests) {
    const one = await (await page(`archive/${id}`)).text();
    expect(one).not.toMatch(/example\.com|unsubscribe\/|manage\/|confirm\//);
    expect(one).not.toContain('<img src="https:');
  }
});

test('the short link of a mail opens its digest, also without the slug, and by another one', async () => {
  const id = digests[1] ?? '';
  expect((await page(`archive/${shortenUuid(id)}`)).status).toBe(200);
  for (const path of [`/archive/${shortenUuid(id)}`, `/another/archive/${shortenUuid(id)}`]) {
    const { status, headers } = await fetch(testApp.url + path, { redirect: 'manual' });
    expect([path, status, headers.get('location')]).toEqual([path, 302, `/lantern/archive/${id}`]);
  }
  for (const wrong of ['AAAAAAAAAAAAAAAAAAAAAA', 'short', `${shortenUuid(id)}A`])
    expect((await fetch(`${testApp.url}/archive/${wrong}`)).status).toBe(404);
});

test('a digest of one article names the publisher’s page as canonical, and links to its neighbours', async () => {
  const text = await (await page(`archive/${digests[1]}`)).text();
  expect(text).toContain('<link rel="canonical" href="https://lantern.example/Storm">');
  expect(text).toContain(`href="/lantern/archive/${digests[0]}"`);
  expect(text).toContain(`href="/lantern/archive/${digests[2]}"`);
  expect(text).toContain('action="/lantern/subscriptions"');
});

test('a correction is on the page at once; full texts are shown where they are mailed, without pictures', async () => {
  const [storm] = await testApp.context.db.many<{ id: string }>(
    sql`select id from articles where title = 'Storm'`,
  );
  await correctArticle(testApp.context, storm?.id ?? '', {
    ...{ title: 'Storm passes', authors: [], categories: [], url: 'https://lantern.example/Storm' },
    content:
      '<p>It is over.</p><p><img src="https://lantern.example/b.jpg" alt="Sea" width="60" height="40" /></p>',
  });
  expect(await (await page(`archive/${digests[1]}`)).text()).toContain('Storm passes');
  await updatePublication(testApp.context, publication.id, { contentMode: 'full' });
  const full = await (await page(`archive/${digests[1]}`)).text();
  expect(full).toContain('<p>It is over.</p>');
  expect(full).not.toContain('b.jpg');
});

test('the feed of newsletters is valid Atom, and a second request is answered 304', async () => {
  const answer = await page('feed.xml');
  expect(answer.headers.get('content-type')).toMatch('application/atom+xml');
  const feed = parseAtomFeed(await answer.text());
  expect(feed.entries?.map(({ id }) => id)).toEqual(digests.toReversed().map((id) => `urn:uuid:${id}`));
  expect(feed.links?.map(({ rel, href }) => [rel, href])).toEqual([
    ['self', `${testApp.context.publicUrl}/lantern/feed.xml`],
    ['alternate', `${testApp.context.publicUrl}/lantern/archive`],
  ]);
  const again = await fetch(`${testApp.url}/lantern/feed.xml`, {
    // `fetch` would say no-cache of its own accord.
    headers: { 'if-none-match': answer.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
  });
  expect(again.status).toBe(304);
});

test('the sign-up page shows the latest, and leads to the rest', async () => {
  const text = await (await open(`${testApp.url}/lantern`)).text();
  expect(text).toContain(`href="/lantern/archive/${digests[2]}"`);
  expect(text).toContain('href="/lantern/archive"');
});

test('each page continues where the one before ended', async () => {
  const second = await (await page(`archive?before=${digests[1]}`)).text();
  expect(second).toContain(`/archive/${digests[0]}`);
  expect(second).not.toContain(`/archive/${digests[1]}"`);
  expect(second).toContain('noindex');
});

test('what was meant for some readers only, and what has not been sent, is not there', async () => {
  const { db } = testApp.context;
  const publicOnes = (await (await page('archive')).text()).match(/archive\/[0-9a-f-]{36}/g)?.length;
  const order = { subject: 'For some of our readers', note: 'Hello.', articleIds: [] };
  const sent = await sendOperatorDigest(testApp.context, publication.id, {
    ...order,
    audience: { cadence: 'instant' },
  });
  expect(sent.kind).toBe('sending');
  await testApp.runDueJobs();
  expect(await db.one(sql`select count(*) as count from digests where audience <> '{}'`)).toEqual({
    count: 1,
  });
  expect((await (await page('archive')).text()).match(/archive\/[0-9a-f-]{36}/g)?.length).toBe(publicOnes);
  expect((await page('archive/018f0000-0000-7000-8000-000000000000')).status).toBe(404);
  expect((await page('archive/storm')).status).toBe(404);
});

test('an unlisted archive is open to those who have its address, one that is off to nobody', async () => {
  await updatePublication(testApp.context, publication.id, { archive: 'unlisted' });
  expect((await page('archive')).headers.get('x-robots-tag')).toBe('noindex');
  expect(await (await open(`${testApp.url}/lantern`)).text()).not.toContain('/lantern/archive');
  await updatePublication(testApp.context, publication.id, { archive: 'off' });
  for (const path of ['archive', `archive/${digests[0]}`, 'feed.xml'])
    expect((await page(path)).status).toBe(404);
  await updatePublication(testApp.context, publication.id, { archive: 'public' });
});

test('a retracted article is gone from page, list and feed at once', async () => {
  const [ferry] = await testApp.context.db.many<{ id: string }>(
    sql`select id from articles where title = 'Ferry'`,
  );
  await retractArticle(testApp.context, ferry?.id ?? '');
  expect((await page(`archive/${digests[2]}`)).status).toBe(410);
  for (const path of ['archive', 'feed.xml', `archive/${digests[1]}`])
    expect(await (await page(path)).text()).not.toContain('Ferry');
});

describe('whatever was stored before it was looked at closely, in every field', () => {
  // What Postgres can hold of it: no NUL, and no half of a pair.
  const marks = '\u0001\u001b\u0085\u0092\u2028\u202e\u2067\u{1fffe}\ufdd0\ufeff\ufffe\uffff';
  const FORBIDDEN =
    /(?![\t\n\r])[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u202a-\u202e\u2066-\u2069\ufeff]/u;

  beforeAll(async () => {
    const { db } = testApp.context;
    await db.run(sql`
      update publications
         set name = name || ${marks},
             from_name = from_name || ${marks},
             postal_address = 'Quay' || ${marks},
             contact = 'desk' || ${marks}
    `);
    await db.run(sql`
      update articles
         set title = title || ${marks} || 'x',
             summary = ${marks} || summary || ${marks},
             content_html = '<p>' || ${marks} || '</p>' || content_html,
             authors = array['Ada' || ${marks}]
    `);
    await db.run(sql`update digests set subject = ${`Low${marks} tide`}, note = ${`A *note*${marks}.`}`);
  });

  test('leaves the feed one that a strict parser reads', async () => {
    const xml = await (await page('feed.xml')).text();
    expect(xml).not.toMatch(FORBIDDEN);
    const faults: string[] = [];
    const parser = new SaxesParser({ xmlns: true });
    parser.on('error', ({ message }) => faults.push(message));
    parser.write(xml).close();
    expect(faults).toEqual([]);
    expect(parseAtomFeed(xml).entries?.map(({ title }) => title?.value)).toContain('Low tide');
  });

  test('is on no page', async () => {
    for (const path of ['lantern', 'lantern/archive', `lantern/archive/${digests[0]}`, 'embed/lantern']) {
      const html = await (await open(`${testApp.url}/${path}`)).text();
      expect(html).toContain('</html>');
      expect(FORBIDDEN.exec(html)).toBeNull();
    }
  });

  test('is in no header and no part of a mail', async () => {
    const before = testApp.smtp.messages.length;
    await sendOperatorDigest(testApp.context, publication.id, {
      ...{ subject: `High${marks} tide`, note: `A *note*${marks}.`, articleIds: [], audience: {} },
    });
    await testApp.runDueJobs();
    const raw = testApp.smtp.messages.at(before)?.raw ?? Buffer.alloc(0);
    expect(raw.toString('latin1').split('\r\n\r\n')[0]).toMatch(/^[ -~\t\r\n]+$/);
    const mail = await simpleParser(raw);
    expect(mail.subject).toBe('High tide');
    expect(mail.from?.value[0]?.name).not.toMatch(FORBIDDEN);
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain('note');
      // Isolates are our own, too, and have an end.
      expect(String(part).replace(/[\u2066-\u2068][^\u2066-\u2069]*\u2069/g, '')).not.toMatch(FORBIDDEN);
    }
  });
});
