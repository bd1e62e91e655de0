import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import PostalMime, { type Email } from 'postal-mime';
import type { PushedArticle } from '../../../src/articles/ingest/push-article.js';
import { planDue } from '../../../src/deliveries/plan/plan-digests.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { NewPublication, Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReader, advanceAndRunJobs, reloadReader } from '../../support/fixtures.js';
import { MINUTE_MS } from '../../../src/platform/durations.js';
import { listDeliveries } from '../../support/deliveries.js';

let testApp: TestApp;
let newsletters = 0;
beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

type Mail = Email & {
  raw: string;
  to0: string;
  text: string;
  html: string;
  /** Every value of a header as it is on the wire, unfolded. */
  values(name: string): string[];
};

/** A newsletter of its own for each test. */
const publish = (settings: Partial<NewPublication> = {}) =>
  testApp.createPublication({ slug: `paper-${(newsletters += 1)}`, ...settings });

async function mailsTo(...domains: string[]): Promise<Mail[]> {
  const messages = testApp.smtp.messages.filter(({ to }) =>
    domains.some((domain) => to.endsWith(`@${domain}`)),
  );
  return Promise.all(
    messages.map(async ({ raw, to }) => {
      const email = await PostalMime.parse(raw);
      const { text = '', html = '' } = email;
      const values = (name: string) => rawHeaders(raw.toString('latin1'), name);
      return { ...email, raw: raw.toString('latin1'), to0: to, text, html, values };
    }),
  );
}

function rawHeaders(raw: string, name: string): string[] {
  const lines = raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return line.slice(0, colon).toLowerCase() === name.toLowerCase() ? [line.slice(colon + 1).trim()] : [];
  });
}

function linksIn(words: string): string[] {
  const found =
    words
      .replaceAll('&amp;', '&')
      .replaceAll('&#38;', '&')
      .match(/https?:\/\/[^\s"'<>]+/g) ?? [];
  // The addresses in HTML's declarations are no links.
  return [...new Set(found)].filter((link) => !link.startsWith('http://www.w3.org/')).sort();
}

describe('the mail of a digest', () => {
  let publication: Publication;
  let mails: Mail[];
  let ada: Mail;
  beforeAll(async () => {
    publication = await publish({
      slug: 'lantern',
      name: 'The “Lantern”, Ltd – Öst',
      replyTo: 'editor@lantern.example',
      fromAddress: 'News@Lantern.example',
    });
    await addReader(testApp, publication, 'ada@headers.example', { cadence: 'weekly' });
    await addReader(testApp, publication, "o'hara+x@headers.example", { cadence: 'daily' });
    await addReader(testApp, publication, 'zuri@headers.example', { cadence: 'monthly', locale: 'zu' });
    await addArticles(testApp, publication, 'Grüße from the 港', `Storm ${'x'.repeat(280)}`);
    await testApp.context.db.run(sql`delete from outbox`);
    await sendOperatorDigest(testApp.context, publication.id);
    await testApp.runDueJobs();
    mails = await mailsTo('headers.example');
    const found = mails.find(({ to0 }) => to0 === 'ada@headers.example');
    if (found === undefined) throw new Error('Ada got no mail');
    ada = found;
  });

  test('says who writes to whom, and where to answer', () => {
    expect(mails).toHaveLength(3);
    expect(ada.from).toMatchObject({ name: publication.name, address: 'News@lantern.example' });
    expect(ada.to).toMatchObject([{ address: 'ada@headers.example' }]);
    expect(ada.replyTo).toMatchObject([{ address: 'editor@lantern.example' }]);
    expect(ada.subject).toContain('Grüße from the 港');
    expect(ada.date).toBe(testApp.context.now().toISOString());
    for (const { values, to0 } of mails) {
      for (const name of [
        'From',
        'To',
        'Reply-To',
        'Subject',
        'Date',
        'Message-ID',
        'List-Id',
        'MIME-Version',
      ])
        expect([name, values(name).length]).toEqual([name, 1]);
      expect(values('To')).toEqual([to0]);
      expect([...values('Cc'), ...values('Bcc'), ...values('Auto-Submitted')]).toEqual([]);
    }
  });

  test('names the list and where it can be read, the same for everybody, and the digest for feedback loops', () => {
    for (const { values } of mails) {
      expect(values('List-Id')).toEqual(['<lantern.lantern.example>']);
      expect(values('List-Archive')).toEqual([`<${testApp.context.publicUrl}/lantern/archive>`]);
      expect(values('Feedback-ID')).toEqual([
        expect.stringMatching(/^[0-9a-f-]{36}:lantern:operator:paperround$/),
      ]);
    }
  });

  test('has one unsubscribe address, whole and unencoded, that works with one click', async () => {
    for (const { values } of mails) {
      const [value = '', ...others] = values('List-Unsubscribe');
      expect(others).toEqual([]);
      expect(value).toMatch(/^<http:\/\/127\.0\.0\.1:\d+\/unsubscribe\/[\w-]+>$/);
      expect(values('List-Unsubscribe-Post')).toEqual(['List-Unsubscribe=One-Click']);
    }
    const link = ada.values('List-Unsubscribe')[0]?.slice(1, -1) ?? '';
    const answer = await fetch(link, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    expect(answer.status).toBe(200);
    const left = await testApp.context.db.many<{ email: string }>(sql`
      select p.email from subscriptions s join subscribers p on p.id = s.subscriber_id where s.status = 'unsubscribed'
    `);
    expect(left).toEqual([{ email: 'ada@headers.example' }]);
  });

  test('has a Message-ID that names no address, and differs from mail to mail', () => {
    const ids = mails.map(({ values }) => values('Message-ID')[0] ?? '');
    for (const id of ids) expect(id).toMatch(/^<[\w-]{20,}@lantern\.example>$/);
    expect(new Set(ids).size).toBe(3);
    for (const { to0, values } of mails) {
      const left = decodeAll(values('Message-ID')[0] ?? '');
      expect(left).not.toContain(to0.split('@')[0]);
    }
  });

  test('puts the text first, keeps lines short, and ends them with CRLF', () => {
    for (const { raw } of mails) {
      expect(rawHeaders(raw, 'Content-Type')[0]).toMatch(/^multipart\/alternative;/);
      expect(raw.indexOf('Content-Type: text/plain')).toBeLessThan(raw.indexOf('Content-Type: text/html'));
      expect(raw.match(/^Content-Type: text\//gm)).toHaveLength(2);
      expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
      expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/);
    }
  });

  test('has the same links in both parts, her own unsubscribe link among them', () => {
    for (const { text, html, values } of mails) {
      expect(linksIn(html)).toEqual(linksIn(text));
      expect(linksIn(text)).toContain(values('List-Unsubscribe')[0]?.slice(1, -1));
      expect(text).toContain('1 Quay Street, Marrowby');
      expect(html).toContain('1 Quay Street, Marrowby');
    }
  });

  test('is in one language, also for a reader whose own we do not have', () => {
    const zuri = mails.find(({ to0 }) => to0.startsWith('zuri@'));
    expect(zuri?.html).toMatch(/<html[^>]* lang=en[ >]/);
    expect(zuri?.text.replaceAll(/\s+/g, ' ')).toContain('Öst on 22 November 2026.');
  });

  test('has every placeholder filled, and nothing of any other reader', () => {
    const tokens = new Map(
      mails.map(({ to0, values }) => [to0, values('List-Unsubscribe')[0]?.slice(-30, -1) ?? '']),
    );
    for (const { raw, text, html, subject, to0 } of mails) {
      const everything = [raw, text, unescaped(html), subject].join('\n');
      expect(everything).not.toMatch(/[\uE000\uE001]|=EE=80=8[01]/);
      expect(text).toContain(to0);
      expect(unescaped(html)).toContain(to0);
      for (const [other, token] of tokens) {
        if (other === to0) continue;
        expect(everything).not.toContain(other);
        expect(everything).not.toContain(token);
      }
    }
  });
});

test('a retry sends the same bytes', async () => {
  const publication = await publish({ slug: 'retry' });
  await addReader(testApp, publication, 'ada@retry.example');
  await addArticles(testApp, publication, 'Harbour');
  testApp.smtp.setScript((stage) => (stage === 'dot' ? 'hang-up-accepted' : undefined));
  await testApp.runDueJobs();
  testApp.smtp.setScript(() => undefined);
  await testApp.context.db.run(sql`update articles set title = 'Changed since' where title = 'Harbour'`);
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  const [first, second] = await mailsTo('retry.example');
  expect(first?.messageId).toBeDefined();
  expect(second?.raw).toBe(first?.raw);
});

test('a list is rendered once for all its readers and retries, and kept', async () => {
  const publication = await publish({ slug: 'variants' });
  const readers = ['ada', 'bea', 'cleo', 'dina'];
  for (const name of readers)
    await addReader(testApp, publication, `${name}@variants.example`, { cadence: 'daily' });
  await addReader(testApp, publication, 'zuri@variants.example', { cadence: 'daily', locale: 'sw' });
  await addReader(testApp, publication, 'late@variants.example', { cadence: 'daily', watermark: 1 });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  await testApp.context.db.run(sql`delete from outbox`);
  testApp.advanceClock(24 * 60 * MINUTE_MS);
  let refused = false;
  testApp.smtp.setScript((stage, to) => {
    if (stage !== 'rcpt' || to !== 'ada@variants.example' || refused) return undefined;
    refused = true;
    return '451 4.3.0 Not now';
  });
  await planDue(testApp.context);
  await testApp.runDueJobs();
  const rendered = await readVariants(publication.id);
  expect(rendered.map(({ locale, articles }) => `${locale} ${articles}`)).toEqual(['en 1', 'en 2', 'sw 2']);
  expect(rendered.map(({ renderedAt }) => renderedAt)).toEqual(Array(3).fill(testApp.context.now()));
  await advanceAndRunJobs(testApp, 5 * MINUTE_MS);
  testApp.smtp.setScript(() => undefined);
  expect(await mailsTo('variants.example')).toHaveLength(6);
  expect(await readVariants(publication.id)).toEqual(rendered);
});

const stolen = '\uE000email\uE001';
const hostile: PushedArticle = {
  externalId: 'hostile',
  url: `https://evil.example/?to=${stolen}&and=\uE000unsubscribeUrl\uE001`,
  title: `Title ${stolen} \uE000secret\uE001 \uE000constructor\uE001 \uE000`,
  summary: `Summary ${stolen} &#xE000;email&#xE001; \uE001`,
  content: `<p>Body ${stolen} &#xE000;email&#57345; &amp;#xE000;email&amp;#xE001; \uE000__proto__\uE001
    <a href="https://evil.example/${stolen}">link</a> <img src="https://evil.example/${stolen}.png" width="300" alt="${stolen}"></p>`,
  authors: [`Mallory ${stolen}`],
  image: `https://evil.example/${stolen}.jpg`,
  categories: [stolen],
};

test.each(['summary', 'full'] as const)(
  'an article that contains our placeholders gets nothing of the reader into its text (%s)',
  async (contentMode) => {
    const domain = `${contentMode}.example`;
    const publication = await publish({
      contentMode,
      slug: `hostile-${contentMode}`,
      name: `Paper ${stolen}`,
      fromName: 'Paper',
    });
    await addReader(testApp, publication, `victim@${domain}`, { cadence: 'daily' });
    await addReader(testApp, publication, `instant@${domain}`);
    await addArticles(testApp, publication, { ...hostile, externalId: '1' }, 'Harbour');
    await testApp.runDueJobs();
    await testApp.context.db.run(
      sql`update subscriptions set next_due_at = ${testApp.context.now()} where cadence = 'daily'`,
    );
    await planDue(testApp.context);
    await testApp.runDueJobs();
    const deliveries = (await listDeliveries(testApp)).filter(({ email }) => email.endsWith(domain));
    expect(deliveries.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
    for (const { subject = '', text, html, raw, to0, values } of await mailsTo(domain)) {
      const all = [subject, text, html, raw, values('From')[0]].join('\n');
      expect(all).not.toMatch(/[\uE000\uE001]|=EE=80=8[01]|function |\[object/);
      expect(subject).not.toContain('@');
      // Once, in the sentence that says why she gets this.
      expect(text.split(to0)).toHaveLength(2);
      expect(unescaped(html).split(to0)).toHaveLength(2);
      for (const link of [...linksIn(text), ...linksIn(html)].filter((each) =>
        each.includes('evil.example'),
      )) {
        expect(decodeURIComponent(link)).not.toContain('victim');
        expect(link).not.toContain('/unsubscribe/');
      }
    }
  },
);

test('a mail that cannot be composed does not prevent the others of its digest', async () => {
  const publication = await publish({ slug: 'broken' });
  const broken = await addReader(testApp, publication, 'broken@compose.example');
  await addReader(testApp, publication, 'fine@compose.example');
  await addArticles(testApp, publication, 'Harbour');
  await testApp.context.db.run(
    sql`update subscribers set email = 'two@compose.example, three@compose.example' where id = ${broken.subscriberId}`,
  );
  await testApp.runDueJobs();
  expect((await mailsTo('compose.example')).map(({ to0 }) => to0)).toEqual(['fine@compose.example']);
  const deliveries = (await listDeliveries(testApp)).filter(({ email }) => email.includes('compose.example'));
  expect(deliveries.map(({ state, skipReason, answer }) => [state, skipReason, answer])).toEqual([
    ['skipped', 'not-composed', null],
    ['accepted', null, '250 2.0.0 Ok: queued as TEST'],
  ]);
  expect((await reloadReader(testApp, broken)).status).toBe('confirmed');
});

function readVariants(publicationId: string) {
  return testApp.context.db.many<{ locale: string; articles: number; renderedAt: Date; html: string }>(sql`
    select v.locale, cardinality(v.article_ids) as articles, v.rendered_at, v.html
      from variants v
      join digests g on g.id = v.digest_id
     where g.publication_id = ${publicationId}
     order by v.locale, articles
  `);
}

function unescaped(html: string): string {
  return html.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** A text as it is, and decoded from base64. */
function decodeAll(id: string): string {
  return `${id} ${Buffer.from(id.slice(1, id.indexOf('@')), 'base64url').toString('latin1')}`;
}
