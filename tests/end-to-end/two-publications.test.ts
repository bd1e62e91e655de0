import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addFeed } from '../../src/articles/feeds/change-feeds.js';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { findPublication } from '../../src/publications/reads.js';
import { eraseSubscription } from '../../src/subscribers/erase/erase.js';
import type { Subscription } from '../../src/subscribers/subscription.js';
import {
  archive,
  requestConfirmLink,
  linkIn,
  readMails,
  open,
  post,
  postJson,
  signUp,
  type ReaderMail,
} from '../support/reader-actions.js';
import { startFeedServer, type FeedServer } from '../support/feed-server.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { resetTestApp } from '../support/fixtures.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/platform/durations.js';

let testApp: TestApp;
let feeds: { lantern: FeedServer; tide: FeedServer };
let lantern: Publication;
let tide: Publication;

/** A word that is on the mails and pages of the one, and on none of the other. */
const ownWords = {
  lantern: ['The Lantern', 'lantern.example', 'Lantern desk', '1 Quay Street', 'help@lantern'],
  tide: ['Tide Table', 'tide.example', 'Tide office', '7 Sea Road', 'office@tide'],
};
const otherName = { lantern: 'tide', tide: 'lantern' } as const;
type Name = keyof typeof ownWords;

beforeAll(async () => {
  testApp = await openTestApp();
  feeds = { lantern: await startFeedServer(), tide: await startFeedServer() };
});
afterAll(async () => {
  await testApp.close();
  await feeds.lantern.close();
  await feeds.tide.close();
});

/** The Lantern sends each article as it comes; the Tide Table once a day at seven in Lisbon. */
beforeEach(async () => {
  await resetTestApp(testApp);
  lantern = await testApp.createPublication({ fromName: 'Lantern desk', topics: ['Harbour', 'Town'] });
  tide = await testApp.createPublication({
    slug: 'tide',
    name: 'Tide Table',
    siteUrl: 'https://tide.example/',
    fromName: 'Tide office',
    fromAddress: 'post@tide.example',
    noticeAddress: 'hello@tide.example',
    postalAddress: '7 Sea Road, Aveiro',
    contact: 'office@tide.example',
    timezone: 'Europe/Lisbon',
    defaultCadence: 'daily',
    topics: ['Harbour', 'Moon'],
  });
});

describe('two newsletters on one server', () => {
  test('each mail is of one newsletter, from sender to footer, and reaches that newsletter’s readers', async () => {
    await confirmedReader('ada@example.com', 'lantern');
    await confirmedReader('both@example.com', 'lantern');
    await confirmedReader('both@example.com', 'tide');
    await confirmedReader('tess@example.com', 'tide', { topics: 'Moon' });
    await signUp(testApp, 'ada@example.com', { slug: 'lantern' }); // "already subscribed"
    await addFeedOf('lantern', lantern);
    await addFeedOf('tide', tide);
    feeds.lantern.articles.unshift({ id: 'l1', title: 'Crane repaired' });
    feeds.tide.articles.unshift({ id: 't1', title: 'Spring tide' });
    await publishArticle(tide, 'New moon', 'Moon');
    await publishArticle(lantern, 'Market hours', 'Town');
    await advanceClock(2 * DAY_MS);
    const mails = await readMails(testApp);
    expect(mails.map(describeMail).toSorted()).toEqual(
      [
        "lantern ada@example.com You're already subscribed to The Lantern",
        'lantern ada@example.com Confirm your subscription to The Lantern',
        'lantern ada@example.com Crane repaired',
        'lantern ada@example.com Market hours',
        "lantern ada@example.com You're subscribed to The Lantern",
        'lantern both@example.com Confirm your subscription to The Lantern',
        'lantern both@example.com Crane repaired',
        'lantern both@example.com Market hours',
        "lantern both@example.com You're subscribed to The Lantern",
        'tide both@example.com Confirm your subscription to Tide Table',
        'tide both@example.com New moon, Spring tide',
        "tide both@example.com You're subscribed to Tide Table",
        'tide tess@example.com Confirm your subscription to Tide Table',
        'tide tess@example.com New moon',
        "tide tess@example.com You're subscribed to Tide Table",
      ].toSorted(),
    );
    for (const mail of mails) expectItsOwn(mail);
  });

  test('each page has the name of its own newsletter', async () => {
    for (const slug of ['lantern', 'tide'] as const) {
      const asked = await signUp(testApp, `${slug}@example.com`, { slug });
      const confirmLink = linkIn(await newestMail(slug, `${slug}@example.com`), 'confirm');
      const neverLink = linkIn(await newestMail(slug, `${slug}@example.com`), 'never');
      const pages = [
        `${testApp.url}/${slug}`,
        `${testApp.url}${asked.headers.get('location')}`,
        confirmLink,
        neverLink,
      ];
      for (const page of pages) await expectInItsName(page, slug);
      await post(confirmLink);
      await testApp.runDueJobs();
      const unsubscribeLink = linkIn(await newestMail(slug, `${slug}@example.com`), 'unsubscribe');
      for (const page of [confirmLink, unsubscribeLink]) await expectInItsName(page, slug);
      await post(unsubscribeLink);
      await expectInItsName(unsubscribeLink, slug);
      await post(`${unsubscribeLink}/undo`);
      await expectInItsName(`${unsubscribeLink}?done=undo`, slug);
      await post(neverLink);
      await expectInItsName(neverLink, slug);
    }
    const home = await (await open(`${testApp.url}/`)).text();
    expect(home).toContain('The Lantern');
    expect(home).toContain('Tide Table');
  });

  test('each offers and takes its own topics only', async () => {
    const link = await requestConfirmLink(testApp, 'ada@example.com', { slug: 'tide', topics: 'Town' });
    const page = await (await open(link)).text();
    expect(page).toContain('Moon');
    expect(page).not.toContain('Town');
    await post(link, 'choices=yes&topics=Town&topics=Harbour');
    expect(await subscription('ada@example.com', tide)).toMatchObject({ topics: ['Harbour'] });
  });
});

describe('one address that reads both', () => {
  let links: Record<Name, { confirmLink: string; unsubscribeLink: string }>;

  beforeEach(async () => {
    links = {
      lantern: await confirmedReader('both@example.com', 'lantern'),
      tide: await confirmedReader('both@example.com', 'tide', { cadence: 'instant' }),
    };
    testApp.smtp.messages.length = 0;
  });

  const titlesAfterwards = async () => {
    await publishArticle(lantern, 'Crane repaired');
    await publishArticle(tide, 'Spring tide');
    await advanceClock(MINUTE_MS);
    return (await readMails(testApp)).map(describeMail);
  };

  test.each(['page', 'one-click'])('a reader who leaves one (%s) still reads the other', async (how) => {
    const before = await subscription('both@example.com', tide);
    await post(links.lantern.unsubscribeLink, how === 'page' ? {} : { 'List-Unsubscribe': 'One-Click' });
    expect((await subscription('both@example.com', lantern)).status).toBe('unsubscribed');
    expect(await subscription('both@example.com', tide)).toEqual(before);
    const notice = how === 'page' ? ["lantern both@example.com You're unsubscribed from The Lantern"] : [];
    expect(await titlesAfterwards()).toEqual([...notice, 'tide both@example.com Spring tide']);
  });

  test('who never wants to hear from one again still hears from the other, and may come back only there', async () => {
    await signUp(testApp, 'both@example.com', { slug: 'lantern' });
    const { id } = await subscription('both@example.com', lantern);
    const token = testApp.context.links.sign('never', { scope: lantern.id, subject: id });
    await post(`${testApp.url}/never/${token}`);
    testApp.smtp.messages.length = 0;
    expect(await titlesAfterwards()).toEqual(['tide both@example.com Spring tide']);
    await post(links.tide.unsubscribeLink);
    await testApp.runDueJobs();
    testApp.smtp.messages.length = 0;
    for (const slug of ['lantern', 'tide']) await signUp(testApp, 'both@example.com', { slug });
    expect((await readMails(testApp)).map(describeMail)).toEqual([
      'tide both@example.com Confirm your subscription to Tide Table',
    ]);
  });

  test('a reader who is erased from one is still mailed by the other, which keeps the proof of her consent', async () => {
    const { id } = await subscription('both@example.com', lantern);
    const proofs = () =>
      testApp.context.db.many(sql`
        select c.kind, c.requested_at
          from consents c
          join subscriptions s on s.id = c.subscription_id
         where s.publication_id = ${tide.id}
      `);
    const before = await subscription('both@example.com', tide);
    const proved = await proofs();
    await eraseSubscription(testApp.context, id);
    expect(await subscription('both@example.com', tide)).toEqual(before);
    expect(await proofs()).toEqual(proved);
    expect(await titlesAfterwards()).toEqual(['tide both@example.com Spring tide']);
    const tombstone = await open(links.lantern.unsubscribeLink);
    expect(tombstone.status).toBe(200);
    expect(await tombstone.text()).not.toContain('b•••');
    await eraseSubscription(testApp.context, before.id);
    const left = await testApp.context.db.many(
      sql`select id from subscribers where email_key = 'both@example.com'`,
    );
    expect(left).toEqual([]);
  });

  test('a link of one newsletter does nothing at the other, and serves only its own purpose', async () => {
    const before = await subscription('both@example.com', tide);
    const token = (link: string) => new URL(link).pathname.split('/')[2] ?? '';
    const tokens = [token(links.lantern.unsubscribeLink), token(links.lantern.confirmLink)];
    for (const [at, purpose] of ['unsubscribe', 'confirm'].entries())
      for (const path of ['unsubscribe', 'confirm', 'never', 'check-inbox'].filter(
        (word) => word !== purpose,
      )) {
        const url = `${testApp.url}/${path}/${tokens[at]}`;
        expect([path, (await open(url)).status]).toEqual([path, 404]);
        expect([path, (await post(url)).status]).toEqual([path, 404]);
      }
    expect((await subscription('both@example.com', lantern)).status).toBe('confirmed');
    for (const link of [links.lantern.unsubscribeLink, links.lantern.confirmLink]) await post(link);
    expect(await subscription('both@example.com', tide)).toEqual(before);
  });
});

test('an address that was asked too often by one may still be asked by the other', async () => {
  for (const minutes of [0, 2, 2 * 24 * 60, 24 * 60]) {
    testApp.advanceClock(minutes * MINUTE_MS);
    await signUp(testApp, 'cap@example.com', { slug: 'lantern' });
  }
  expect((await readMails(testApp)).map(describeMail)).toHaveLength(3);
  testApp.smtp.messages.length = 0;
  await signUp(testApp, 'cap@example.com', { slug: 'lantern' });
  await signUp(testApp, 'cap@example.com', { slug: 'tide' });
  expect((await readMails(testApp)).map(describeMail)).toEqual([
    'tide cap@example.com Confirm your subscription to Tide Table',
  ]);
});

describe('an archived newsletter', () => {
  test('sends nothing that was still to be sent, while the other goes on', async () => {
    await confirmedReader('ada@example.com', 'lantern');
    await confirmedReader('dan@example.com', 'lantern', { cadence: 'daily' });
    await confirmedReader('tess@example.com', 'tide', { cadence: 'instant' });
    await publishArticle(lantern, 'Waits for tomorrow');
    testApp.smtp.messages.length = 0;
    testApp.smtp.setScript((stage) => (stage === 'mail' ? '451 4.3.0 Later' : undefined));
    await publishArticle(lantern, 'Deferred news');
    await signUp(testApp, 'pending@example.com', { slug: 'lantern' });
    await archive(testApp, lantern.id);
    testApp.smtp.setScript(() => undefined);
    await publishArticle(lantern, 'After the end');
    await publishArticle(tide, 'Spring tide');
    await advanceClock(40 * HOUR_MS);
    expect((await readMails(testApp)).map(describeMail)).toEqual(['tide tess@example.com Spring tide']);
    const unfinished = await testApp.context.db.many(sql`
      select state from deliveries where state not in ('accepted', 'skipped')
      union all select state from notices where state not in ('accepted', 'skipped')
    `);
    expect(unfinished).toEqual([]);
    for (const name of ['release-due', 'plan-due', 'sweep'] as const) await testApp.handlers[name]({});
    expect(await testApp.runDueJobs()).toEqual([]);
  });

  test('asks nobody’s feed any more, while the other’s is polled', async () => {
    await addFeedOf('lantern', lantern);
    await addFeedOf('tide', tide);
    await archive(testApp, lantern.id);
    const asked = feeds.lantern.requests.length;
    const askedTide = feeds.tide.requests.length;
    testApp.advanceClock(DAY_MS);
    await testApp.handlers['poll-due']({});
    expect((await testApp.runDueJobs()).filter((name) => name === 'poll-feed')).toEqual(['poll-feed']);
    expect(feeds.lantern.requests.length).toBe(asked);
    expect(feeds.tide.requests.length).toBe(askedTide + 1);
  });

  test('accepts no sign-ups, and says so on every page', async () => {
    const link = await requestConfirmLink(testApp, 'ada@example.com', { slug: 'lantern' });
    await archive(testApp, lantern.id);
    testApp.smtp.messages.length = 0;
    const form = `${testApp.url}/lantern/subscriptions`;
    for (const answer of [
      await open(`${testApp.url}/lantern`),
      await post(form, { email: 'new@example.com' }),
      await postJson(form, { email: 'new@example.com' }),
      await open(link),
      await post(link),
    ])
      expect(answer.status).toBe(410);
    expect((await post(`${link}/resend`)).status).toBe(404);
    await advanceClock(HOUR_MS);
    expect(testApp.smtp.messages).toEqual([]);
    expect((await subscription('ada@example.com', lantern)).status).toBe('pending');
    const { newcomers } = await testApp.context.db.one<{ newcomers: number }>(
      sql`select count(*) as newcomers from subscribers where email_key = 'new@example.com'`,
    );
    expect(newcomers).toBe(0);
    expect((await open(`${testApp.url}/`)).headers.get('location')).toBe('/tide');
  });

  test('still lets everybody leave: by the page, by its button, by the mail program’s own', async () => {
    const ada = await confirmedReader('ada@example.com', 'lantern');
    const bea = await confirmedReader('bea@example.com', 'lantern');
    await signUp(testApp, 'cleo@example.com', { slug: 'lantern' });
    const asked = await newestMail('lantern', 'cleo@example.com');
    await archive(testApp, lantern.id);
    testApp.advanceClock(400 * DAY_MS);
    await expectInItsName(ada.unsubscribeLink, 'lantern');
    expect((await post(ada.unsubscribeLink)).status).toBe(303);
    await expectInItsName(ada.unsubscribeLink, 'lantern');
    const oneClick = await post(bea.unsubscribeLink, { 'List-Unsubscribe': 'One-Click' });
    expect([oneClick.status, await oneClick.text()]).toEqual([200, 'You are unsubscribed.\n']);
    const neverLink = linkIn(asked, 'never');
    await expectInItsName(neverLink, 'lantern');
    expect((await post(neverLink)).status).toBe(303);
    for (const name of ['ada', 'bea', 'cleo'])
      expect((await subscription(`${name}@example.com`, lantern)).status).toBe('unsubscribed');
  });
});

/** She signs up for one, opens the link in its mail and presses the button. */
async function confirmedReader(email: string, slug: Name, fields: Record<string, string> = {}) {
  await signUp(testApp, email, { slug, ...fields });
  const confirmLink = linkIn(await newestMail(slug, email), 'confirm');
  await post(confirmLink);
  await testApp.runDueJobs();
  return { confirmLink, unsubscribeLink: linkIn(await newestMail(slug, email), 'unsubscribe') };
}

async function newestMail(slug: Name, email: string): Promise<ReaderMail> {
  const mail = (await readMails(testApp)).findLast((each) => each.to === email && nameOf(each) === slug);
  if (mail === undefined) throw new Error(`${slug} has not mailed ${email}`);
  return mail;
}

function subscription(email: string, { id }: Publication): Promise<Subscription> {
  return testApp.context.db.one<Subscription>(sql`
    select s.*, p.email
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
     where p.email_key = ${email} and s.publication_id = ${id}
  `);
}

async function publishArticle({ id, slug }: Publication, title: string, topic = 'Harbour'): Promise<void> {
  const publication = (await findPublication(testApp.context.db, id)) ?? lantern;
  const url = `https://${slug}.example/${encodeURIComponent(title)}`;
  await pushArticle(testApp.context, publication, {
    title,
    url,
    content: '<p>Told in full.</p>',
    categories: [topic],
  });
  await testApp.runDueJobs();
}

async function addFeedOf(name: Name, { id }: Publication): Promise<void> {
  await addFeed(testApp.context, { publicationId: id, url: feeds[name].url, includeNewest: 0 });
  await testApp.runDueJobs();
}

/** Time passes by the hour, and the schedule with it. */
async function advanceClock(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= HOUR_MS) {
    testApp.advanceClock(Math.min(left, HOUR_MS));
    for (const name of ['poll-due', 'release-due', 'plan-due', 'sweep'] as const)
      await testApp.handlers[name]({});
    await testApp.runDueJobs();
  }
}

const titles = [
  'Crane repaired',
  'Market hours',
  'New moon',
  'Spring tide',
  'Waits for tomorrow',
  'Deferred news',
];

/** Whose mail, to whom, and what: the articles of a digest, the subject of anything else. */
function describeMail(mail: ReaderMail): string {
  const isDigest = mail.header('list-id') !== undefined;
  const what = isDigest ? titles.filter((title) => mail.text.includes(title)).join(', ') : mail.subject;
  return `${nameOf(mail)} ${mail.to} ${what}`;
}

function nameOf(mail: ReaderMail): Name {
  return mail.header('from')?.includes('@tide.example') === true ? 'tide' : 'lantern';
}

function expectItsOwn(mail: ReaderMail): void {
  const name = nameOf(mail);
  const publication = name === 'tide' ? tide : lantern;
  const isDigest = mail.header('list-unsubscribe') !== undefined;
  const sender = isDigest ? publication.fromAddress : publication.noticeAddress;
  expect(mail.header('from')).toBe(`${publication.fromName} <${sender}>`);
  expect(mail.header('list-id')).toBe(isDigest ? `<${name}.${name}.example>` : undefined);
  expect(mail.header('message-id')).toMatch(new RegExp(`@${name}\\.example>$`));
  for (const body of [mail.text, mail.html]) {
    for (const word of ownWords[name].filter((each) => each !== publication.fromName))
      expect(body).toContain(word);
    for (const word of ownWords[otherName[name]]) expect(body).not.toContain(word);
  }
  const tokens = mail.links
    .map((link) => new URL(link).pathname.split('/'))
    .filter(([, word = '']) => ['confirm', 'unsubscribe', 'never'].includes(word));
  expect(tokens.length).toBeGreaterThan(0);
  for (const [, purpose = '', token = ''] of tokens)
    expect(testApp.context.links.verifyShort(purpose, token, testApp.context.now()).kind).toBe('valid');
  for (const [, , token = ''] of tokens)
    expect(testApp.context.links.readUnverifiedNumber(token)).toBe(publication.number);
}

async function expectInItsName(url: string, name: Name): Promise<void> {
  const answer = await open(url);
  const page = await answer.text();
  expect([url, answer.status]).toEqual([url, 200]);
  expect(page).toContain(ownWords[name][0]);
  for (const word of ownWords[otherName[name]]) expect(page).not.toContain(word);
}
