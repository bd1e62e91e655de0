import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FeedItem, ParsedFeed } from '../../../src/articles/parse/feed-item.js';
import { parseFeed, type ParseFailure } from '../../../src/articles/parse/parse-feed.js';

const URL = 'https://blog.example/feed.xml';

const RSS = `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>Harbour &amp;amp; Sea</title>
    <link>https://blog.example/</link>
    <description>News from the harbour</description>
    <language>en_GB</language>
    <item>
      <title>Boats &amp;#8217;n&#8217; more</title>
      <link>/2026/boats?a=1&amp;b=2</link>
      <guid isPermaLink="false">tag:blog.example,2026:1</guid>
      <pubDate>Sat, 07 Mar 2026 08:00:00 +0300</pubDate>
      <dc:creator>Achieng</dc:creator>
      <category>Boats</category>
      <category>Boats</category>
      <description>Short &lt;b&gt;words&lt;/b&gt;.</description>
      <content:encoded><![CDATA[<h1>All</h1><p>The <a href="more">long</a> text.</p><img src="/boat.jpg">]]></content:encoded>
    </item>
    <item>
      <title>Second</title>
      <link>https://blog.example/2026/second</link>
      <description>Only a description, which is the content.</description>
    </item>
  </channel>
</rss>`;

const ATOM = `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="sw" xml:base="https://blog.example/habari/">
  <title type="html">Habari &amp;amp; zaidi</title>
  <link rel="self" href="feed.atom"/>
  <link rel="alternate" type="text/html" href="index.html"/>
  <author><name>Wanjiru</name></author>
  <entry>
    <id>tag:blog.example,2026:2</id>
    <title>Use &lt;b&gt; with care</title>
    <link rel="enclosure" type="image/jpeg" href="picture.jpg"/>
    <link rel="alternate" href="moja.html"/>
    <published>2026-03-07T08:00:00+03:00</published>
    <updated>2026-03-08T09:30:00.5Z</updated>
    <category term="boti" label="Boti"/>
    <summary>Fupi</summary>
    <content type="xhtml" xml:base="moja/"><div xmlns="http://www.w3.org/1999/xhtml"><p>Ndefu <a href="zaidi">sana</a></p></div></content>
  </entry>
  <entry>
    <id>tag:blog.example,2026:3</id>
    <title type="text">Fish &amp; chips</title>
    <author><name>Otieno</name></author>
    <updated>2026-03-01T00:00:00Z</updated>
    <content type="text">One &lt; two

Three</content>
  </entry>
</feed>`;

test('an RSS feed becomes clean items', () => {
  const feed = parse(RSS);
  expect(feed).toMatchObject({
    title: 'Harbour & Sea',
    siteUrl: 'https://blog.example/',
    description: 'News from the harbour',
    language: 'en-GB',
  });
  expect(feed.items[0]).toEqual({
    externalId: 'tag:blog.example,2026:1',
    url: 'https://blog.example/2026/boats?a=1&b=2',
    title: 'Boats ’n’ more',
    summary: 'Short words.',
    contentHtml:
      '<h3>All</h3><p>The <a href="https://blog.example/2026/more">long</a> text.</p><img src="https://blog.example/boat.jpg" alt="" />',
    authors: ['Achieng'],
    image: 'https://blog.example/boat.jpg',
    categories: ['Boats'],
    publishedAt: new Date('2026-03-07T05:00:00Z'),
    updatedAt: undefined,
  });
  expect(feed.items[1]).toMatchObject({
    externalId: 'https://blog.example/2026/second',
    summary: 'Only a description, which is the content.',
    contentHtml: '<p>Only a description, which is the content.</p>',
    publishedAt: undefined,
  });
});

test('a picture over plain http is left out, unless feed and picture are on this computer', () => {
  const imageOf = (image: string, url: string) => {
    const feed = `<rss version="2.0"><channel><item><title>A</title><enclosure url="${image}" type="image/png"/></item></channel></rss>`;
    const parsed = parseFeed(Buffer.from(feed), { url });
    return parsed.kind === 'feed' ? parsed.feed.items[0]?.image : parsed;
  };
  const here = 'http://localhost:3000/demo/feed.xml';
  expect(imageOf('/a.png', here)).toBe('http://localhost:3000/a.png');
  expect(imageOf('http://localhost:3001/a.png', here)).toBeUndefined();
  expect(imageOf('http://blog.example/a.png', here)).toBeUndefined();
  expect(imageOf('/a.png', 'http://blog.example/feed.xml')).toBeUndefined();
  expect(imageOf('http://127.0.0.1/a.png', 'https://blog.example/feed.xml')).toBeUndefined();
  expect(imageOf('/a.png', 'https://blog.example/feed.xml')).toBe('https://blog.example/a.png');
});

test('an Atom feed becomes clean items', () => {
  const feed = parse(ATOM);
  expect(feed).toMatchObject({
    title: 'Habari & zaidi',
    siteUrl: 'https://blog.example/habari/index.html',
    language: 'sw',
  });
  expect(feed.items[0]).toEqual({
    externalId: 'tag:blog.example,2026:2',
    url: 'https://blog.example/habari/moja.html',
    title: 'Use <b> with care',
    summary: 'Fupi',
    contentHtml: '<p>Ndefu <a href="https://blog.example/habari/moja/zaidi">sana</a></p>',
    authors: ['Wanjiru'],
    image: 'https://blog.example/habari/picture.jpg',
    categories: ['Boti'],
    publishedAt: new Date('2026-03-07T05:00:00Z'),
    updatedAt: new Date('2026-03-08T09:30:00Z'),
  });
  expect(feed.items[1]).toMatchObject({
    url: undefined,
    title: 'Fish & chips',
    contentHtml: '<p>One &lt; two</p>\n<p>Three</p>',
    authors: ['Otieno'],
    publishedAt: new Date('2026-03-01T00:00:00Z'),
  });
});

test('JSON Feed and RSS 1.0 are read too', () => {
  const json = {
    version: 'https://jsonfeed.org/version/1.1',
    title: 'J',
    home_page_url: 'https://blog.example/',
    items: [
      {
        id: '1',
        url: '/one',
        title: 'A & <b>',
        content_text: 'a < b',
        tags: ['x'],
        authors: [{ name: 'N' }],
      },
    ],
  };
  expect(parse(JSON.stringify(json)).items).toMatchObject([
    {
      externalId: '1',
      url: 'https://blog.example/one',
      title: 'A & <b>',
      contentHtml: '<p>a &lt; b</p>',
      authors: ['N'],
    },
  ]);
  const rdf = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <channel rdf:about="https://blog.example/"><title>R</title><link>https://blog.example/</link></channel>
    <item rdf:about="https://blog.example/1"><title>One</title><link>https://blog.example/one</link></item></rdf:RDF>`;
  expect(parse(rdf)).toMatchObject({
    title: 'R',
    items: [{ externalId: 'https://blog.example/1', title: 'One' }],
  });
});

test('an item is identified by its guid, else its link, else its text, the same way each time', () => {
  const items = [
    '<item><title>a</title><guid> id-1 </guid><link>https://a.example/</link></item>',
    '<item><title>b</title><link>https://b.example/</link></item>',
    '<item><title>c</title><description>words</description></item>',
    `<item><title>d</title><guid>${'x'.repeat(5000)}</guid></item>`,
  ];
  const ids = () => rss(items.join('')).items.map(({ externalId }) => externalId);
  expect(ids()).toEqual([
    'id-1',
    'https://b.example/',
    expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  ]);
  expect(ids()).toEqual(ids());
});

test('of two items with one id the first is kept', () => {
  const item = (title: string, words: string) =>
    `<item><title>${title}</title><guid>same</guid><link>https://b.example/1</link><description>${words}</description></item>`;
  const { items, warnings } = read(item('One', 'new') + item('one', 'old') + item('One, corrected', 'new'));
  expect(items.map(({ title, contentHtml }) => [title, contentHtml])).toEqual([['One', '<p>new</p>']]);
  expect(warnings).toEqual(['2 left out: copies of another']);
});

test.each([
  [
    'the site as id',
    '<guid>https://h.example/</guid>',
    (n: number) => `<link>https://h.example/c/${n}</link>`,
  ],
  [
    'one page for all and no id',
    '<link>https://h.example/news</link>',
    (n: number) => `<description>${n}</description>`,
  ],
  ['one id for all and no page', '<guid isPermaLink="false">0</guid>', () => ''],
])(
  'articles with %s are all read, each with an id that does not change when one is added',
  (_, same, own) => {
    const item = (n: number) => `<item>${same}<title>SL ${n}</title>${own(n)}</item>`;
    const two = read(item(2) + item(1));
    const three = read(item(3) + item(2) + item(1));
    expect(two.warnings).toEqual(['2 with an id that others have too']);
    expect(three.items.map(({ title }) => title)).toEqual(['SL 3', 'SL 2', 'SL 1']);
    const ids = three.items.map(({ externalId }) => externalId);
    expect(new Set(ids).size).toBe(3);
    expect(two.items.map(({ externalId }) => externalId)).toEqual(ids.slice(1));
  },
);

test('a warning says what was left out, for each reason', () => {
  const item = '<item><title>a</title><guid>1</guid></item>';
  expect(read(`${item}<item><title> </title></item>`).warnings).toEqual(['1 left out: nothing is in them']);
  const many = Array.from({ length: 501 }, (_, i) => `<item><title>${i}</title></item>`).join('');
  expect(read(many).warnings).toEqual(['only the first 500 were read, there are more']);
  const deep = `<item><title>b</title><description>${'<div>'.repeat(120)}words${'</div>'.repeat(120)}</description></item>`;
  expect(read(deep + item).warnings).toEqual(['elements more than 100 deep: what is in them may be missing']);
  const json = Array.from({ length: 501 }, (_, i) => ({ id: String(i), title: String(i) }));
  const parsed = parseFeed(Buffer.from(JSON.stringify({ items: json })), { url: URL });
  expect(parsed).toMatchObject({ warnings: ['only the first 500 were read, there are more'] });
});

test.each([
  ['{"items": [\n  {"id": "1"},\n]}', 3, 1],
  ['{"items": [{"id": "1", "title": "Half of', 1, 41],
  ['[1, 2}', 1, 6],
])('of %j it is said where it breaks', (text, line, column) => {
  expect(failureOf(Buffer.from(text))).toEqual({ code: 'broken-json', line, column });
});

test('an item with nothing in it is dropped', () => {
  const feed = rss(
    '<item><guid> </guid></item><item><title> </title><description> </description></item><item><title>a</title></item>',
  );
  expect(feed.items.map(({ title }) => title)).toEqual(['a']);
});

test('an item without a title takes the beginning of its text as its title', () => {
  const feed = rss(`<item><description>${'Some words of the sea. '.repeat(9)}</description></item>`);
  expect(feed.items[0]?.title).toBe('Some words of the sea. Some words of the sea. Some words of the sea.');
});

test('a short note without a title has its text as title and no summary', () => {
  const [note] = rss('<item><description>The ferry is late today.</description></item>').items;
  expect(note).toMatchObject({ title: 'The ferry is late today.', summary: '' });
});

test.each([
  ['AT&amp;amp;T &amp;mdash; &lt;em&gt;news&lt;/em&gt;', 'AT&T — news'],
  ['<![CDATA[AT&amp;T <em>news</em>]]>', 'AT&T news'],
  ['AT&T news', 'AT&T news'],
  ['1 &lt; 2', '1 < 2'],
  ['<![CDATA[List<String> in Java]]>', 'List<String> in Java'],
  ['  two\n   lines ', 'two lines'],
  ['a<![CDATA[<script>alert(1)</script>]]>b', 'ab'],
  ['a&#x92;b\u0007c&#0;', 'a’bc\ufffd'],
  [`<![CDATA[${'long '.repeat(100)}]]>`, `${'long '.repeat(59)}long…`],
])('the title %s is read as %s', (title, expected) => {
  expect(rss(`<item><title>${title}</title><guid>1</guid></item>`).items[0]?.title).toBe(expected);
});

test.each([
  ['a permalink guid', '<guid>https://a.example/1</guid>', 'https://a.example/1'],
  ['no permalink', '<guid isPermaLink="false">https://a.example/1</guid>', undefined],
  [
    'a link before the guid',
    '<link>https://a.example/2</link><guid>https://a.example/1</guid>',
    'https://a.example/2',
  ],
  [
    'an Atom link',
    '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" href="https://a.example/3"/>',
    'https://a.example/3',
  ],
  ['a script as a link', '<link>javascript:alert(1)</link>', undefined],
  ['a link with a password', '<link>https://a:b@a.example/</link>', undefined],
])('the address of an item with %s', (_, inside, url) => {
  expect(rss(`<item><title>a</title>${inside}</item>`).items[0]?.url).toBe(url);
});

test('the summary is the description when there is content beside it, without its "read more"', () => {
  const item = `<item><title>a</title><description>Short. [&#8230;] &lt;a href="/x"&gt;Continue reading &lt;i&gt;a&lt;/i&gt; →&lt;/a&gt;</description>
    <content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">&lt;p&gt;Long.&lt;/p&gt;</content:encoded></item>`;
  expect(rss(item).items[0]).toMatchObject({ summary: 'Short.', contentHtml: '<p>Long.</p>' });
});

test.each([
  ['All boats are [...]', 'All boats are…'],
  ['All boats are … Continue reading Is it spring? →', 'All boats are…'],
  ['They are back. Read more »', 'They are back.'],
  ['Read on for the whole story of the boats.', 'Read on for the whole story of the boats.'],
  ['People who Read the full moon', 'People who Read the full moon'],
])('of the summary "%s" stays "%s"', (words, expected) => {
  expect(rss(`<item><title>a</title><description>${words}</description></item>`).items[0]?.summary).toBe(
    expected,
  );
});

test('a summary has at most 300 characters', () => {
  const [item] = rss(`<item><title>a</title><description>${'word '.repeat(500)}</description></item>`).items;
  expect(item?.summary.length).toBeLessThanOrEqual(300);
  expect(item?.summary).toMatch(/word…$/);
});

test.each([
  ['windows-1251', Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]), 'Привет'],
  ['windows-1252', Buffer.from([0x93, 0x41, 0xe9, 0x94, 0x85]), '“Aé”…'],
  ['iso-8859-1', Buffer.from([0x93, 0x41, 0xe9, 0x94]), '“Aé”'],
  ['shift_jis', Buffer.from([0x8f, 0x74]), '春'],
  ['utf-8', Buffer.from([0x93, 0x41, 0xe9, 0x94]), '“Aé”'],
  ['utf-16', Buffer.from('春'), '春'],
  ['no-such-charset', Buffer.from('春'), '春'],
])('a feed that says it is in %s is decoded', (charset, title, expected) => {
  const head = Buffer.from(`<?xml version="1.0" encoding="${charset}"?><rss version="2.0"><channel><title>`);
  const body = Buffer.concat([head, title, Buffer.from('</title></channel></rss>')]);
  expect(parseBody(body).title).toBe(expected);
});

test('without a declaration the content type names the charset, and a byte order mark beats both', () => {
  const xml = (title: string) => `<rss version="2.0"><channel><title>${title}</title></channel></rss>`;
  const cyrillic = Buffer.from(xml('\u00cf\u00f0'), 'latin1');
  expect(parseBody(cyrillic, 'text/xml; charset="windows-1251"').title).toBe('Пр');
  expect(parseBody(Buffer.from(`\ufeff${xml('Привет')}`, 'utf16le'), 'text/xml; charset=latin1').title).toBe(
    'Привет',
  );
  expect(parseBody(Buffer.from(`\ufeff${xml('Привет')}`), 'text/xml; charset=latin1').title).toBe('Привет');
  const bigEndian = Buffer.from(`<?xml version="1.0"?>${xml('Привет')}`, 'utf16le').swap16();
  expect(parseBody(bigEndian).title).toBe('Привет');
});

test('a feed that is a gzip file is unpacked, up to 5 MB', () => {
  expect(parseBody(gzipSync(RSS)).items).toHaveLength(2);
  const failure = { code: 'too-large-or-damaged' };
  expect(failureOf(gzipSync(Buffer.alloc(50_000_000)))).toEqual(failure);
  expect(failureOf(Buffer.from([0x1f, 0x8b, 1, 2, 3]))).toEqual(failure);
});

test.each([
  ['leading white space', `\n\n  ${RSS}`],
  ['a byte order mark', `\ufeff${RSS}`],
  ['a warning of a script', `<br />\nWarning: something & <b>more</b>\n${RSS}`],
  ['a comment', `<!-- <rss> -->${RSS}`],
  ['a page around it', `<!DOCTYPE html><html><body>${RSS.slice(RSS.indexOf('<rss'))}</body></html>`],
  ['control characters', RSS.replace('Second', 'Sec\u0000\u0008\u001bond')],
  ['stray ampersands', RSS.replace('?a=1&amp;b=2', '?a=1&b=2').replace('Second', 'Second & third &')],
  ['unknown entities', RSS.replace('Second', 'Second &nosuch; &hellip;')],
  [
    'an element left open',
    RSS.replace('<language>', '<image><url>x</url><itunes:category text="a"><language>'),
  ],
  ['a wrong end tag', RSS.replace('</language>', '</langage>')],
  ['a missing end', RSS.slice(0, RSS.lastIndexOf('</item>') + 7)],
])('a feed with %s is read', (_, broken) => {
  expect(parse(broken).items.map(({ externalId }) => externalId)).toEqual(
    parse(RSS).items.map(({ externalId }) => externalId),
  );
});

test('of a feed cut off in the middle, whole items are kept', () => {
  const cut = RSS.slice(0, RSS.indexOf('Only a description'));
  expect(parse(cut).items.map(({ title }) => title)).toContain('Boats ’n’ more');
});

test.each([
  ['plain words', '<!ENTITY site "Quay Notes"><!ENTITY site "No">', 'From &site;', 'From Quay Notes'],
  ['one character', "<!ENTITY dash '&#x2013;'>", 'a &dash; b', 'a – b'],
  ['none of XML’s own', '<!ENTITY amp "and">', 'a &amp; b', 'a & b'],
  ['no others', '<!ENTITY one "1"><!ENTITY two "&one;&one;">', '&two;', '&two;'],
  ['no tags', '<!ENTITY tag "&#60;b>">', '&tag;', '&tag;'],
  ['at most 200 characters', `<!ENTITY long "${'x'.repeat(201)}">`, '&long;', '&long;'],
])('an entity that the feed declares may be %s', (_, declarations, title, expected) => {
  const dtd = `<!DOCTYPE rss [${declarations}]>`;
  const feed = parse(`${dtd}<rss version="2.0"><channel>${titled(title)}</channel></rss>`);
  expect(feed.items[0]?.title).toBe(expected);
});

test('an entity is expanded at most 10,000 times', () => {
  const item = `<item><title>a</title><description>${'&site; '.repeat(10_001)}</description></item>`;
  const dtd = '<!DOCTYPE rss [<!ENTITY site "Quay">]>';
  const [read] = parse(`${dtd}<rss version="2.0"><channel>${item}</channel></rss>`).items;
  expect(read?.contentHtml.match(/Quay/g)).toHaveLength(10_000);
});

test.each([
  ['twice', '&amp;lt;p&amp;gt;Hello &amp;amp;amp; on&amp;lt;/p&amp;gt;'],
  ['within CDATA', '<![CDATA[ &lt;p class="a"&gt;Hello &amp;amp; on&lt;/p&gt; ]]>'],
])('HTML that was escaped %s is read as HTML', (_, description) => {
  const [item] = rss(`<item><title>a</title><description>${description}</description></item>`).items;
  expect(item).toMatchObject({ contentHtml: '<p>Hello &amp; on</p>', summary: 'Hello & on' });
});

test.each([
  ['Write &amp;lt;p&amp;gt;Hello&amp;lt;/p&amp;gt;', 'Write <p>Hello</p>'],
  ['&lt;p&gt;&amp;lt;p&amp;gt;Hello&amp;lt;/p&amp;gt;&lt;/p&gt;', '<p>Hello</p>'],
])('an article about HTML keeps its examples: %s', (description, expected) => {
  const [item] = rss(`<item><title>a</title><description>${description}</description></item>`).items;
  expect(item?.summary).toBe(expected);
});

test('a title cannot change the text direction of what follows it', () => {
  const titles = ['Invoice \u202efdp.exe\u202c', 'a \u2067b', 'a \u2067b\u2069 c', '\u2069a\u2067'];
  const items = titles.map((title, at) => `<item><title>${title}</title><guid>${at}</guid></item>`).join('');
  expect(rss(items).items.map(({ title }) => title)).toEqual([
    'Invoice fdp.exe',
    'a b',
    'a \u2067b\u2069 c',
    'a',
  ]);
});

test('what Atom calls plain text is no HTML', () => {
  const words = 'Use <b>bold</b> words'.replaceAll('<', '&lt;');
  const entry = (id: number, type: string) =>
    `<entry><id>${id}</id><title${type}>${words}</title><content${type}>${words} today</content></entry>`;
  const [plain, untyped] = parse(
    `<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>${entry(1, ' type="text/plain"')}${entry(2, '')}</feed>`,
  ).items;
  expect(plain).toMatchObject({ title: 'Use <b>bold</b> words', summary: 'Use <b>bold</b> words today' });
  expect(untyped).toMatchObject({ title: 'Use bold words', summary: 'Use bold words today' });
});

test('a Windows-1252 byte in UTF-8 is read as its letter', () => {
  const feed = `<rss version="2.0"><channel><title>T</title>${titled('“né — né” — sm|rt, |x|')}</channel></rss>`;
  const strays = [0xe9, 0x93, 0x94];
  const parts = feed.split('|').map((part) => Buffer.from(part));
  const body = Buffer.concat(parts.flatMap((part, at) => [part, Buffer.from(strays.slice(at, at + 1))]));
  expect(parseBody(body, 'application/rss+xml; charset=utf-8').items[0]?.title).toBe(
    '“né — né” — smért, “x”',
  );
});

test('entities of a DTD that could grow are never expanded and no file is read', () => {
  const laughs = Array.from({ length: 20 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join(
    '',
  );
  const dtd = `<!DOCTYPE rss [<!ENTITY a0 "ha"><!ENTITY file SYSTEM "file:///etc/hosts">${laughs}]>`;
  const xml = `<?xml version="1.0"?>${dtd}<rss version="2.0"><channel><item><title>a&a20;</title><description>b&file;</description></item></channel></rss>`;
  const [item] = parse(xml).items;
  expect(item).toMatchObject({ title: 'a&a20;', summary: 'b&file;' });
});

test.each([
  ['', 'empty'],
  ['   \n', 'empty'],
  ['<!DOCTYPE html><html><head><title>x</title></head></html>', 'web-page'],
  ['{"a": 1}', 'unknown-format'],
  ['plain words', 'unknown-format'],
  ['<opml version="2.0"><body/></opml>', 'unknown-format'],
])('%j is not a feed, and the operator is told why', (text, code) => {
  expect(failureOf(Buffer.from(text))).toEqual({ code });
});

test('an empty feed is a feed', () => {
  expect(rss('')).toMatchObject({ title: 'T', items: [] });
});

test('only the first 500 items are read, and nothing over 5 MB', () => {
  const items = Array.from(
    { length: 600 },
    (_, i) => `<item><title>${i}</title><guid>${i}</guid></item>`,
  ).join('');
  expect(rss(items).items).toHaveLength(500);
  expect(failureOf(Buffer.alloc(5 * 1024 * 1024 + 1, 32))).toEqual({ code: 'too-large-or-damaged' });
});

test('a feed that takes too long is given up in time', () => {
  const item = `<item><title>a</title><description>${'&lt;p&gt;words '.repeat(2000)}</description></item>`;
  const body = Buffer.from(`<rss version="2.0"><channel>${item.repeat(120)}</channel></rss>`);
  const started = Date.now();
  expect(parseFeed(body, { url: URL, timeoutMs: 50 })).toEqual({
    kind: 'not-a-feed',
    failure: { code: 'parse-timeout' },
  });
  expect(Date.now() - started).toBeLessThan(5000);
});

test.each([
  ['items never closed', '<item>'.repeat(300_000)],
  ['elements never closed', '<b>'.repeat(500_000)],
  ['end tags of nothing', '</b>'.repeat(400_000)],
  ['elements closed crosswise', '<b></i>'.repeat(200_000)],
  ['empty elements', '<b/>'.repeat(500_000)],
  ['open comments', '<!--'.repeat(500_000)],
  ['open instructions', '<? >'.repeat(500_000)],
  ['open quotes', '<a b="'.repeat(600_000)],
  ['brackets', '<'.repeat(2_000_000)],
  ['ampersands', '&'.repeat(2_000_000)],
  ['one long name', `<${'a'.repeat(4_000_000)}`],
  [
    'one element with many attributes',
    `<a ${Array.from({ length: 300_000 }, (_, i) => `a${i}="b"`).join(' ')}>`,
  ],
])('a feed made to slow the parser down is read in linear time: %s', (_, trouble) => {
  const item = '<item><title>words</title><guid>1</guid></item>';
  const parsed = parseFeed(Buffer.from(`<rss version="2.0"><channel><title>T</title>${item}${trouble}`), {
    url: URL,
  });
  // Quadratic time would run into the deadline.
  expect(parsed).toMatchObject({ kind: 'feed', feed: { items: [{ title: 'words' }] } });
});

test('no mutation of a feed throws, and what is read is always clean', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.integer({ min: 0, max: 40 }),
    put: fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        ']]>',
        '<![CDATA[',
        '<!--',
        '-->',
        '</item>',
        '<item>',
        '</entry>',
        '<x:y>',
        '&#0;',
        '"',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
  });
  const broken = fc
    .tuple(fc.constantFrom(RSS, ATOM), fc.array(edit, { minLength: 1, maxLength: 8 }))
    .map(([source, edits]) => edits.reduce(mutate, source));
  fc.assert(
    fc.property(broken, (text) => {
      const parsed = parseFeed(Buffer.from(text), { url: URL });
      if (parsed.kind === 'feed') parsed.feed.items.forEach(expectClean);
    }),
    { numRuns: 400 },
  );
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, contentType) => {
      expect(parseFeed(Buffer.from(bytes), { url: 'nowhere', contentType }).kind).toBe('not-a-feed');
    }),
    { numRuns: 300 },
  );
});

function mutate(text: string, { at, cut, put }: { at: number; cut: number; put: string }): string {
  const place = Math.floor(at * text.length);
  return text.slice(0, place) + put + text.slice(place + cut);
}

function expectClean({ externalId, title, summary, contentHtml, url, authors, categories }: FeedItem): void {
  const words = [externalId, title, summary, contentHtml, url ?? '', ...authors, ...categories].join('');
  expect(words).not.toMatch(/(?![\t\n])\p{Cc}|\p{Surrogate}/u);
  expect(url ?? 'https://').toMatch(/^https?:/);
  expect(externalId.length).toBeLessThanOrEqual(500);
  expect(summary.length).toBeLessThanOrEqual(500);
  expect(title).not.toBe('');
}

function titled(title: string): string {
  return `<item><title>${title}</title><link>https://blog.example/1</link></item>`;
}

function rss(items: string): ParsedFeed {
  return parse(
    `<rss version="2.0"><channel><title>T</title><link>https://blog.example/</link>${items}</channel></rss>`,
  );
}

function read(items: string): { items: FeedItem[]; warnings: string[] } {
  const body = Buffer.from(`<rss version="2.0"><channel><title>T</title>${items}</channel></rss>`);
  const parsed = parseFeed(body, { url: URL });
  if (parsed.kind !== 'feed') throw new Error(parsed.failure.code);
  return { items: parsed.feed.items, warnings: parsed.warnings };
}

function parse(text: string): ParsedFeed {
  return parseBody(Buffer.from(text));
}

function parseBody(body: Buffer, contentType?: string): ParsedFeed {
  const parsed = parseFeed(body, { url: URL, ...(contentType !== undefined && { contentType }) });
  if (parsed.kind !== 'feed') throw new Error(parsed.failure.code);
  return parsed.feed;
}

function failureOf(body: Buffer): ParseFailure | undefined {
  const parsed = parseFeed(body, { url: URL });
  return parsed.kind === 'not-a-feed' ? parsed.failure : undefined;
}
