import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TemplateData } from '../../../src/platform/templates/templates.js';
import { publication, templates } from './page-fixtures.js';

const placeholder = (name: string) => `\uE000${name}\uE001`;
const at = new Date('2026-09-22T11:02:00Z');

describe('a digest of several articles', () => {
  const mail = digest(5);

  test('is named by its first article and says how many more there are', () => {
    expect(mail.subject).toBe('Article 1, and 4 more');
    expect(mail.html).toMatch(/<h1 [^>]*>5 new articles, 15–22 September<\/h1>/);
  });

  test('keeps a title of its own when it has one', () => {
    const named = digest(3, { ownSubject: 'The best of September' });
    expect(named.subject).toBe('The best of September');
    expect(named.html).toMatch(/<h1 [^>]*>The best of September<\/h1>/);
  });

  test('has each article’s address in both parts, and says who, when and how long', () => {
    for (let number = 1; number <= 5; number++) {
      expect(mail.html).toContain(`href="https://lantern.example/${number}?a=1&amp;b=2"`);
      expect(mail.text).toContain(`\nhttps://lantern.example/${number}?a=1&b=2\n`);
    }
    expect(mail.html).toContain('Ines Calder and Tomasz Reed · 22 September 2026 · 3 min read');
    expect(mail.text).toContain('Ines Calder and Tomasz Reed - 22 September 2026 - 3 min read');
  });

  test('has Unsubscribe at its top and at its end, the reason for it, and the postal address, in both parts', () => {
    expect(mail.html.split(`href="${placeholder('unsubscribe_url')}"`)).toHaveLength(3);
    expect(mail.text).toContain(`Unsubscribe: ${placeholder('unsubscribe_url')}`);
    for (const part of [mail.html, mail.text]) {
      expect(part.replace(/\s+/g, ' ')).toContain(
        `You get this because ${placeholder('email')} ${placeholder('how')}.`,
      );
      expect(part).toContain('4 Quay Street, Marrowby');
    }
  });

  test('stays under 90 KB with fifteen articles and long excerpts', () => {
    const largest = digest(15, {
      articles: articles(15, { summary: 'a sentence of some length. '.repeat(60) }),
    });
    expect(Buffer.byteLength(largest.html)).toBeLessThan(90_000);
  });

  test('says how many articles did not fit, and where they are', () => {
    const { html, text } = digest(2, { more: 1 });
    expect(html).toContain('And one more article on The Harbour Lantern');
    expect(text).toContain('And one more article on The Harbour Lantern:\nhttps://lantern.example\n');
  });
});

describe('a digest of one article', () => {
  test('reads like the article: its title, its text, one button', () => {
    const mail = digest(1, { contentMode: 'full' });
    expect(mail.subject).toBe('Article 1');
    expect(mail.html).toMatch(/<h1 [^>]*><a href="[^"]+"[^>]*>Article 1<\/a><\/h1>/);
    expect(mail.html).toContain('<em>full</em> text');
    expect(mail.html).toContain('>Read on The Harbour Lantern</a>');
    expect(mail.html).not.toContain('<h2');
  });

  test('without an address, an author or a date is still a mail', () => {
    const bare = {
      title: 'Bare',
      url: null,
      summary: 'Words.',
      authors: [],
      publishedAt: null,
      readingMinutes: 0,
    };
    const mail = digest(1, { articles: [{ ...bare, image: null, contentHtml: null }] });
    expect(mail.html).toMatch(/<h1 [^>]*>Bare<\/h1>/);
    expect(mail.html).not.toContain('Read on');
    expect(mail.html).not.toContain('href=""');
  });
});

test('what holds the page together is inlined, what articles repeat and dark mode stay in the head, and nothing is fetched', () => {
  const { html } = digest(2);
  expect(html).toMatch(/<div class="sheet" [^>]*style="max-width:600px;/);
  expect(html).toContain('.item h2 a{color:#9a3412}');
  expect(html).toContain('@media (prefers-color-scheme:dark)');
  expect(html).not.toMatch(/<link|@import|url\(/);
});

test('what nothing in the mail is called for is not in its head, and a class that is for nothing is not on an element', () => {
  const [excerpts, full] = [digest(2), digest(1, { contentMode: 'full' })].map(({ html }) => html);
  expect(excerpts).toContain('.item{');
  expect(excerpts).not.toMatch(/\.note|\.button|figcaption|class="(?:preheader|text|content)/);
  expect(full).toMatch(/\.button\{.*class="button"/s);
  expect(full).not.toContain('.item{');
});

test('an inbox shows no part of the page beside the subject: a short beginning is filled up', () => {
  const beginningOf = (preheader: string) => {
    const [, shown = ''] = /<body[^>]*>\s*<div[^>]*>([^<]*)</.exec(digest(2, { preheader }).html) ?? [];
    return [shown, Array.from(shown.matchAll(/\u034f/g)).length];
  };
  expect(beginningOf('Short')).toEqual([expect.stringMatching(/^Short\u034f \u034f /), 30]);
  expect(beginningOf('x'.repeat(100))).toEqual([expect.stringMatching(/^x{100}\u034f/), 20]);
  expect(beginningOf('x'.repeat(120))).toEqual(['x'.repeat(120), 0]);
});

test('markup in a title is text, and a target that is no web address is no link', () => {
  const title = '<script>alert(1)</script> & "co"';
  const mail = digest(1, { articles: articles(1, { title, url: 'javascript:alert(1)' }) });
  expect(mail.html).not.toMatch(/<script|javascript:/i);
  expect(mail.html).toContain('&lt;script&gt;');
  expect(mail.subject).toBe(title);
  expect(mail.text).toContain(title);
});

test('no value can end the subject’s line or add a control character to a part', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (title) => {
      const mail = digest(2, {
        ownSubject: `a${title}`,
        note: { html: '<p>Note</p>', text: title, line: title },
        articles: articles(2, { title }),
      });
      expect(mail.subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u);
      // oxlint-disable-next-line no-control-regex
      expect(mail.html + mail.text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }),
    { numRuns: 40 },
  );
});

test('lines of the text part have at most 72 characters, unless one is an address', () => {
  const { text } = digest(3, { note: { html: '<p>Note</p>', text: 'word '.repeat(50), line: 'word' } });
  for (const line of text.split('\n')) expect(line.length <= 72 || /^https?:\S+$/.test(line)).toBe(true);
});

describe('the mail that asks for confirmation', () => {
  const mail = templates.email('confirmation', 'en', {
    publication,
    email: 'r@example.com',
    confirmUrl: 'https://mail.example/confirm/tok',
    neverUrl: 'https://mail.example/never/tok',
    requestedAt: at,
    expiresAt: new Date('2026-09-25T11:02:00Z'),
    zone: 'Africa/Nairobi',
  });

  test('says who asked for what and when, until when the link works, and how to be left alone', () => {
    expect(mail.subject).toBe('Confirm your subscription to The Harbour Lantern');
    for (const part of [mail.html, mail.text].map((words) => words.replace(/\s+/g, ' '))) {
      expect(part).toContain('to r@example.com on 22 September 2026, 14:02 (East Africa Time)');
      expect(part).toContain('works until 25 September 2026, 14:02 (East Africa Time)');
      expect(part).toContain('https://mail.example/confirm/tok');
      expect(part).toContain('https://mail.example/never/tok');
    }
  });

  test('has no picture and nothing to unsubscribe from', () => {
    expect(mail.html).not.toMatch(/<img|unsubscribe/i);
    expect(mail.text).not.toMatch(/unsubscribe/i);
  });
});

test('a reader who is subscribed already is told since when, and how to stop', () => {
  const data = {
    publication,
    email: 'r@example.com',
    unsubscribeUrl: 'https://mail.example/u',
    manageUrl: 'https://mail.example/m',
    rhythm: 'daily, about 07:00',
    since: at,
    zone: 'UTC',
  };
  const mail = templates.email('already-subscribed', 'en', data);
  expect(mail.subject).toBe("You're already subscribed to The Harbour Lantern");
  expect(mail.text.replace(/\s+/g, ' ')).toContain('subscribed since 22 September 2026');
  expect(mail.text).toContain('\nhttps://mail.example/u\n');
});

test('the welcome says when the first digest comes and shows what there is to read', () => {
  const latest = [{ title: 'Soup', url: 'https://lantern.example/soup', summary: 'Hot.' }];
  const data = {
    publication,
    email: 'r@example.com',
    unsubscribeUrl: 'https://mail.example/u',
    manageUrl: 'https://mail.example/m',
    rhythm: 'daily, about 07:00',
    note: null,
    articles: latest,
  };
  const mail = templates.email('welcome', 'en', {
    ...data,
    nextDigest: 'as soon as something new is published',
  });
  expect(mail.text.replace(/\s+/g, ' ')).toContain(
    'Your first email comes as soon as something new is published.',
  );
  expect(mail.html).toContain('href="https://lantern.example/soup"');
  expect(templates.email('welcome', 'en', { ...data, articles: [], nextDigest: 'x' }).text).not.toContain(
    'lately',
  );
});

function digest(count: number, changes: TemplateData = {}) {
  return templates.email('digest', 'en', {
    publication,
    ownSubject: null,
    date: at,
    from: new Date('2026-09-15T11:02:00Z'),
    to: at,
    articles: articles(count),
    more: 0,
    preheader: 'What it is about',
    note: null,
    unsubscribeUrl: placeholder('unsubscribe_url'),
    manageUrl: placeholder('manage_url'),
    email: placeholder('email'),
    how: placeholder('how'),
    moved: placeholder('moved'),
    rhythm: placeholder('rhythm'),
    archiveUrl: null,
    zone: 'Africa/Nairobi',
    contentMode: 'summary',
    ...changes,
  });
}

function articles(count: number, changes: TemplateData = {}) {
  return Array.from({ length: count }, (_, index) => ({
    title: `Article ${index + 1}`,
    url: `https://lantern.example/${index + 1}?a=1&b=2`,
    summary: 'A sentence about it.',
    contentHtml: '<p>The <em>full</em> text</p>',
    authors: ['Ines Calder', 'Tomasz Reed'],
    publishedAt: at,
    readingMinutes: 3,
    image: null,
    ...changes,
  }));
}
