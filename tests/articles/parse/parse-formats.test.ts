import { expect, test } from '@jest/globals';
import type { ParsedFeed } from '../../../src/articles/parse/feed-item.js';
import { parseFeed } from '../../../src/articles/parse/parse-feed.js';

const ATOM = 'xmlns="http://www.w3.org/2005/Atom"';
const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';

/** An Atom entry with these elements, and an RSS item. */
const entry = (inside: string, feed = '') =>
  `<feed ${ATOM} ${feed}><title>t</title><entry><id>1</id><title>x</title>${inside}</entry></feed>`;
const item = (inside: string, around = '') =>
  `<rss version="2.0"><channel><title>T</title><link>https://b.example/</link>${around}<item><title>x</title>${inside}</item></channel></rss>`;

test.each([
  [
    'XHTML with a prefix',
    entry(
      `<content type="xhtml" xmlns:h="http://www.w3.org/1999/xhtml"><h:div><h:p>a <h:b>b</h:b></h:p></h:div></content>`,
    ),
    { contentHtml: '<p>a <b>b</b></p>' },
  ],
  [
    'XHTML that shows tags',
    entry(`<content type="xhtml"><div ${XHTML}>1 &lt; 2 <code>&lt;b></code></div></content>`),
    { contentHtml: '1 &lt; 2 <code dir="ltr">&lt;b&gt;</code>' },
  ],
  [
    'XHTML without its namespace',
    entry('<content type="xhtml"><div><p>a</p></div></content>'),
    { contentHtml: '<p>a</p>' },
  ],
  [
    'elements of a vocabulary that only looks like HTML',
    entry(
      `<content type="xhtml"><div ${XHTML}><ul xmlns="http://other.example/"><li>a</li></ul></div></content>`,
    ),
    { contentHtml: '<p>a</p>' },
  ],
  [
    'content that lies elsewhere',
    entry('<content src="/a.html" type="text/html"/><summary>s</summary>'),
    {
      url: 'https://f.example/a.html',
      contentHtml: '<p>s</p>',
    },
  ],
  [
    'a picture as content',
    entry('<content type="image/png">iVBORw0KGgo=</content><summary>s</summary>'),
    {
      contentHtml: '<p>s</p>',
    },
  ],
  [
    'the author of its source',
    entry('<source><title>z</title><author><name>S</name></author></source>'),
    {
      title: 'x',
      authors: ['S'],
    },
  ],
  [
    'a base on every level',
    entry('<link xml:base="c/" href="d"/>', 'xml:base="https://b.example/a/"').replace(
      '<entry>',
      '<entry xml:base="b/">',
    ),
    {
      url: 'https://b.example/a/b/c/d',
    },
  ],
  [
    'attributes without quotes, and a link left open',
    entry('<link href=https://b.example/1 rel=alternate>'),
    {
      url: 'https://b.example/1',
    },
  ],
  [
    'the address of the article behind a counter',
    entry(
      '<link href="https://feeds.example/~r/1"/><f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">https://b.example/1</f:origLink>',
    ),
    {
      url: 'https://b.example/1',
    },
  ],
  [
    'a relation with its full name',
    entry(
      '<link rel="http://www.iana.org/assignments/relation/alternate" href="/1"/><link rel="replies" href="/2"/>',
    ),
    {
      url: 'https://f.example/1',
    },
  ],
  [
    'words that went as bytes',
    entry('<content type="application/octet-stream">PHA+aGk8L3A+</content>'),
    { contentHtml: '<p>hi</p>' },
  ],
  [
    'bytes that are no words',
    entry('<content type="application/octet-stream">/9j/4AAQSkZJRgAB</content><summary>s</summary>'),
    { contentHtml: '<p>s</p>' },
  ],
  ['the description of RSS', entry('<description>s</description>'), { contentHtml: '<p>s</p>' }],
  [
    'a category whose label is empty',
    entry('<category term="a" label=""/><category term="b" label="B"/>'),
    { categories: ['a', 'B'] },
  ],
  [
    'a link escaped once too often',
    entry('<link href="/1?a=b&amp;amp;c=d"/>'),
    { url: 'https://f.example/1?a=b&c=d' },
  ],
])('Atom with %s', (_, xml, expected) => {
  expect(parse(xml).items).toMatchObject([expected]);
});

const ATOM_03 = (inside: string) =>
  `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>t</title><tagline>g</tagline><entry><id>1</id>
  <title mode="escaped" type="text/html">a &lt;b&gt;b&lt;/b&gt;</title><issued>2004-01-02T03:04:05Z</issued>
  <modified>2005-01-02T03:04:05Z</modified>${inside}</entry></feed>`;

test.each([
  ['escaped', '<content type="text/html" mode="escaped">&lt;p&gt;hi&lt;/p&gt;</content>'],
  ['base64', '<content type="text/html" mode="base64">PHA+aGk8\nL3A+</content>'],
  ['xml', `<content type="application/xhtml+xml" mode="xml"><div ${XHTML}><p>hi</p></div></content>`],
])('Atom 0.3 with content that is %s', (_, content) => {
  const feed = parse(ATOM_03(content));
  expect(feed).toMatchObject({ title: 't', description: 'g' });
  expect(feed.items).toMatchObject([
    {
      title: 'a b',
      contentHtml: '<p>hi</p>',
      publishedAt: new Date('2004-01-02T03:04:05Z'),
      updatedAt: new Date('2005-01-02T03:04:05Z'),
    },
  ]);
});

test.each([
  [
    'prefixes nobody declared',
    item('<dc:creator>B</dc:creator><content:encoded>&lt;p&gt;a&lt;/p&gt;</content:encoded>'),
    {
      authors: ['B'],
      contentHtml: '<p>a</p>',
    },
  ],
  [
    'a module without a prefix',
    item('<encoded xmlns="http://purl.org/rss/1.0/modules/content/">&lt;p&gt;a&lt;/p&gt;</encoded>'),
    {
      contentHtml: '<p>a</p>',
    },
  ],
  [
    'HTML that nobody escaped',
    item('<description>a <p>b & c</p> d<br>e < f</description>'),
    {
      contentHtml: 'a <p>b &amp; c</p> d<br />e &lt; f',
    },
  ],
  [
    'a CDATA section split in two',
    item('<description><![CDATA[<p>a]]]]><![CDATA[>b</p>]]></description>'),
    {
      contentHtml: '<p>a]]&gt;b</p>',
    },
  ],
  [
    'words around a CDATA section',
    item('<description>a &lt;b&gt;<![CDATA[b</b> &amp; c]]> d</description>'),
    {
      contentHtml: 'a <b>b</b> &amp; c d',
    },
  ],
  [
    'entities of HTML',
    item('<description>caf&eacute; &mdash; &nosuch; &#8217;</description>'),
    {
      contentHtml: '<p>café — &amp;nosuch; ’</p>',
    },
  ],
  [
    'a relative permalink',
    item('<guid isPermaLink="true">/foo</guid>'),
    {
      url: 'https://b.example/foo',
      externalId: '/foo',
    },
  ],
  ['a guid among white space', item('<guid isPermaLink="false">\n  a\n  b </guid>'), { externalId: 'a b' }],
  [
    'a link with spaces and letters',
    item('<link>\n https://bücher.example/ä b?c=d e \n</link>'),
    {
      url: 'https://xn--bcher-kva.example/%C3%A4%20b?c=d%20e',
    },
  ],
  [
    'the author in the form of an e-mail header',
    item('<author>"B. Smith" &lt;b@x.example></author>'),
    { authors: ['B. Smith'] },
  ],
  [
    'the author as RSS 2.0 wants it',
    item('<author>b@x.example (B. Smith)</author>'),
    { authors: ['B. Smith'] },
  ],
  [
    'a picture of a group',
    item(
      '<media:group><media:content url="https://b.example/s.jpg" medium="image" width="10"/><media:content url="https://b.example/l.jpg" medium="image" width="900"/></media:group>',
    ),
    {
      image: 'https://b.example/l.jpg',
    },
  ],
  [
    'the cover of an episode',
    item(
      '<itunes:image href="https://b.example/c.png"/><enclosure url="https://b.example/a.mp3" type="audio/mpeg"/>',
    ),
    {
      image: 'https://b.example/c.png',
    },
  ],
  [
    'the recording as the page of an episode that has none',
    item('<enclosure url="/a.mp3" type="audio/mpeg" length="1"/>'),
    { url: 'https://b.example/a.mp3' },
  ],
  [
    'a thumbnail too small for a mail, where the text has a picture',
    item(
      '<media:thumbnail url="https://b.example/s72-c.jpg" width="72" height="72"/><description>&lt;img src="https://b.example/a.jpg"></description>',
    ),
    { image: 'https://b.example/a.jpg' },
  ],
  [
    'a thumbnail of a mail’s width',
    item('<media:thumbnail url="https://b.example/t.jpg" width="480"/>'),
    { image: 'https://b.example/t.jpg' },
  ],
  [
    'the icon of a card before the first picture',
    item(
      '<description>&lt;img class="kg-bookmark-icon" src="https://b.example/i.png">&lt;img src="https://b.example/favicon.ico">&lt;img src="https://b.example/favicon-32.png">&lt;img src="https://b.example/a.png"></description>',
    ),
    { image: 'https://b.example/a.png' },
  ],
  [
    'a picture known to be large after one of any size',
    item(
      '<description>&lt;img src="https://b.example/i.png">&lt;img src="https://b.example/b.png" width="120">&lt;img src="https://b.example/a.png" width="800"></description>',
    ),
    { image: 'https://b.example/a.png' },
  ],
  [
    'a picture of any size before one known to be small',
    item(
      '<description>&lt;img src="https://b.example/b.png" width="120">&lt;img src="https://b.example/a.png"></description>',
    ),
    { image: 'https://b.example/a.png' },
  ],
  [
    'a face before the first picture',
    item(
      '<description>&lt;img src="https://www.gravatar.com/avatar/1?s=600">&lt;img src="https://b.example/i.png" width="16">&lt;img src="https://b.example/a.png"></description>',
    ),
    {
      image: 'https://b.example/a.png',
    },
  ],
  [
    'a first date that is none',
    item('<pubDate>soon</pubDate><dc:date>2026-03-07</dc:date>'),
    {
      publishedAt: new Date('2026-03-07T00:00:00Z'),
    },
  ],
  [
    'a title of the page that it shows',
    item('<description><![CDATA[a]]></description><media:title>no</media:title>'),
    { title: 'x' },
  ],
  [
    'an author whose address comes second',
    item('<author>B. Smith (b@x.example)</author>'),
    { authors: ['B. Smith'] },
  ],
  ['an author without a name', item('<author>&lt;b@x.example&gt;</author>'), { authors: ['b@x.example'] }],
  [
    'an author of Dublin Core who gives her address',
    item('<dc:creator>B. Smith (b@x.example)</dc:creator>'),
    { authors: ['B. Smith'] },
  ],
  [
    'names that only look like addresses',
    item('<dc:creator>Smith &amp; Sons (Ltd)</dc:creator><dc:creator>B. (@b)</dc:creator>'),
    { authors: ['Smith & Sons (Ltd)', 'B. (@b)'] },
  ],
  [
    'an author under an older name of hers',
    item('<dc:author>B. Smith</dc:author><itunes:author>Show</itunes:author>'),
    { authors: ['B. Smith'] },
  ],
  [
    'categories of other vocabularies, one within another',
    item(
      '<atom:category term="a"/><media:category label="B">b</media:category><itunes:category text="C"><itunes:category text="D"/></itunes:category><itunes:keywords>E, f</itunes:keywords>',
    ),
    { categories: ['a', 'B', 'C', 'D', 'E', 'f'] },
  ],
  [
    'a cover whose address stands where it should not',
    item('<itunes:image url="https://b.example/c.png"/>'),
    { image: 'https://b.example/c.png' },
  ],
  [
    'a summary beside the description',
    item('<summary>short</summary><description>&lt;p>the long one&lt;/p></description>'),
    { summary: 'short', contentHtml: '<p>the long one</p>' },
  ],
  [
    'a description beside the words',
    item('<description>short</description><summary>&lt;p>the long one&lt;/p></summary>'),
    { summary: 'short', contentHtml: '<p>the long one</p>' },
  ],
  [
    'a link escaped once too often, on a line of its own',
    item('<link><![CDATA[\n https://b.example/1?a=b&amp;c=d\n]]></link>'),
    { url: 'https://b.example/1?a=b&c=d' },
  ],
  ['a title on two lines', item('').replace('>x<', '>a&lt;br/>b &lt;i>c&lt;/i>d<'), { title: 'a b cd' }],
  ['a link without a scheme', item('<link>www.b.example/1</link>'), { url: 'http://www.b.example/1' }],
  [
    'a picture whose type is in capitals',
    item('<enclosure url="https://b.example/a" type="IMAGE/JPEG"/>'),
    { image: 'https://b.example/a' },
  ],
  [
    'a picture whose type is none',
    item('<media:content url="https://b.example/a.jpg" type="jpg"/>'),
    { image: 'https://b.example/a.jpg' },
  ],
  [
    'the day it was issued',
    item('<dcterms:issued>2026-03-07</dcterms:issued>'),
    { publishedAt: new Date('2026-03-07T00:00:00Z') },
  ],
  [
    'a link broken over two lines',
    item('<link>https://b.example/2026/\n    a-title</link>'),
    { url: 'https://b.example/2026/a-title' },
  ],
])('RSS with %s', (_, xml, expected) => {
  expect(parse(xml).items).toMatchObject([expected]);
});

test.each([
  [
    'capitals',
    '<RSS VERSION="2.0"><CHANNEL><TITLE>T</TITLE><ITEM><TITLE>x</TITLE><LINK>https://b.example/1</LINK></ITEM></CHANNEL></RSS>',
  ],
  [
    'a namespace that nobody knows',
    '<rss version="2.0" xmlns="http://own.example/"><channel><title>T</title><item><title>x</title><link>https://b.example/1</link></item></channel></rss>',
  ],
  [
    'items beside the channel',
    '<rss version="0.91"><channel><title>T</title></channel><item><title>x</title><link>https://b.example/1</link></item></rss>',
  ],
  [
    'no channel',
    '<rss version="2.0"><title>T</title><item><title>x</title><link>https://b.example/1</link></item></rss>',
  ],
  [
    'no rss',
    '<channel><title>T</title><item><title>x</title><link>https://b.example/1</link></item></channel>',
  ],
  [
    'RSS 0.90',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title></channel><item><title>x</title><link>https://b.example/1</link></item></rdf:RDF>',
  ],
  [
    'RSS 1.0 with a prefix of its own',
    '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://purl.org/rss/1.0/"><s:channel><s:title>T</s:title></s:channel><s:item><s:title>x</s:title><s:link>https://b.example/1</s:link></s:item></r:RDF>',
  ],
  [
    'the format before RSS',
    '<CHANNEL HREF="https://b.example/"><TITLE>T</TITLE><ABSTRACT>a</ABSTRACT><ITEM HREF="/1"><TITLE>x</TITLE><ABSTRACT>b</ABSTRACT></ITEM></CHANNEL>',
  ],
  [
    'titles of a picture and a box first',
    '<rss version="2.0"><channel><image><title>no</title><url>u</url></image><textInput><title>no</title></textInput><title>T</title><item><title>x</title><link>https://b.example/1</link></item></channel></rss>',
  ],
  [
    'ends of items forgotten',
    '<rss version="2.0"><channel><title>T<item><title>x<link>https://b.example/1<item><title>y</title></channel></rss>',
  ],
  [
    'an item of no words inside',
    '<rss version="2.0"><channel><title>T</title><item><title>x</title><item/><link>https://b.example/1</link></item></channel></rss>',
  ],
  [
    'an entity that is not its own',
    '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY lt "<">]><rss version="2.0"><channel><title>T</title><item><title>x</title><link>https://b.example/1</link></item></channel></rss>',
  ],
  [
    'a page after it',
    '<rss version="2.0"><channel><title>T</title><item><title>x</title><link>https://b.example/1</link></item></channel></rss><html><title>no</title></html>',
  ],
  [
    'the DOCTYPE of a web page and a comment about feeds',
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd"><!-- not <rss> --><rss version="2.0"><channel><title>T</title><item><title>x</title><link>https://b.example/1</link></item></channel></rss>',
  ],
])('a feed with %s is read', (_, xml) => {
  const feed = parse(xml);
  expect(feed.title).toBe('T');
  expect(feed.items[0]).toMatchObject({ title: 'x', url: 'https://b.example/1' });
});

test('an article that is only a link is read: a hold rule stops it for an operator', () => {
  expect(parse(item('').replace('<title>x</title>', '<link>/1</link>')).items).toMatchObject([
    { url: 'https://b.example/1', title: 'https://b.example/1', contentHtml: '' },
  ]);
});

test('an article that is cut off in the middle is left out until the next poll', () => {
  const whole = item('<guid>1</guid><description>Some words</description>');
  const cut = whole.replace(
    '</channel></rss>',
    '<item><guid>2</guid><title>y</title><description>Half of the wor',
  );
  expect(parse(cut).items.map(({ title }) => title)).toEqual(['x']);
  expect(parse(whole.replace('</item></channel></rss>', '')).items.map(({ title }) => title)).toEqual(['x']);
});

test('articles that all have the id of their site are distinguished by their addresses', () => {
  const items = [1, 2, 3].map(
    (n) =>
      `<item><guid>https://b.example/</guid><title>${n}</title><link>https://b.example/${n}</link></item>`,
  );
  const feed = (some: string[]) =>
    parse(`<rss version="2.0"><channel><title>T</title>${some.join('')}</channel></rss>`);
  expect(feed(items).items.map(({ externalId }) => externalId)).toEqual(
    [1, 2, 3].map((n) => `https://b.example/${n}`),
  );
  expect(feed(items.slice(0, 2)).items).toHaveLength(2);
});

test.each([
  ['koi8-r', Buffer.from([0xf0, 0xd2, 0xc9]), 'При'],
  ['gb18030', Buffer.from([0xd6, 0xd0, 0xce, 0xc4]), '中文'],
  ['euc-kr', Buffer.from([0xc7, 0xd1, 0xb1, 0xdb]), '한글'],
  ['big5', Buffer.from([0xa4, 0xa4, 0xa4, 0xe5]), '中文'],
  ['euc-jp', Buffer.from([0xc6, 0xfc, 0xcb, 0xdc]), '日本'],
  ['iso-8859-2', Buffer.from([0xb1, 0xe6]), 'ąć'],
  ['iso-8859-1', Buffer.from('é “ü”'), 'é “ü”'],
  ['us-ascii', Buffer.from('é'), 'é'],
  ['cp932', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), '日本'],
  ['cp949', Buffer.from([0xc7, 0xd1, 0xb1, 0xdb]), '한글'],
  ['mac-roman', Buffer.from([0x8e]), 'é'],
  ['unicode', Buffer.from('é'), 'é'],
])('a feed in %s, or that only says so, is decoded', (charset, title, expected) => {
  const head = `<?xml version='1.0' encoding='${charset}'?><rss version="2.0"><channel><title>`;
  const parsed = parseFeed(
    Buffer.concat([Buffer.from(head), title, Buffer.from('</title></channel></rss>')]),
    {
      url: '',
    },
  );
  expect(parsed).toMatchObject({ kind: 'feed', feed: { title: expected } });
});

test('UTF-16 and UTF-32 are recognised by their first bytes, with and without a byte order mark', () => {
  const xml = '<rss version="2.0"><channel><title>Привет 😀</title></channel></rss>';
  const wide = (text: string) =>
    Buffer.from(Uint32Array.from(Array.from(text, (one) => one.codePointAt(0) ?? 0)).buffer);
  const bodies = [xml, `\ufeff${xml}`].flatMap((text) => [
    Buffer.from(text, 'utf16le'),
    Buffer.from(text, 'utf16le').swap16(),
    wide(text),
    wide(text).swap32(),
  ]);
  const titles = bodies
    .map((body) => parseFeed(body, { url: '' }))
    .map((one) => one.kind === 'feed' && one.feed.title);
  expect(titles).toEqual(Array.from({ length: 8 }, () => 'Привет 😀'));
});

test.each([
  ['en_GB', 'en-GB'],
  ['en-us, de', 'en-us'],
  ['English', undefined],
])('the language of a feed that says %s', (language, expected) => {
  expect(parse(item('', `<language>${language}</language>`)).language).toBe(expected);
});

test('CDF, a format before RSS, gives the date of a change', () => {
  const cdf =
    '<CHANNEL><TITLE>T</TITLE><ITEM HREF="/1" LASTMOD="2004-04-06T23:05:43-05:00"><TITLE>x</TITLE></ITEM>';
  expect(parse(`${cdf}</CHANNEL>`).items).toMatchObject([{ updatedAt: new Date('2004-04-07T04:05:43Z') }]);
});

test('JSON Feed keeps ids longer than a number, and knows paragraphs and attached pictures', () => {
  const feed = parse(
    `{"version": "https://jsonfeed.org/version/1.1", "title": "<i>T</i>", "description": "<p>About &amp; more</p>", "items": [
      {"id": 12345678901234567890, "title": "x", "content_text": "\\"id\\": 12345678901234567891",
       "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"}, {"url": "/a", "mime_type": "image/png"}]},
      {"id" : 12345678901234567891, "title": "y", "summary": "<p>s</p>", "content_text": "1 < 2"}, {"id": 1e400, "title": "z"}]}`,
  );
  expect(feed).toMatchObject({ title: '<i>T</i>', description: 'About & more' });
  expect(feed.items).toMatchObject([
    {
      externalId: '12345678901234567890',
      contentHtml: '<p>"id": 12345678901234567891</p>',
      image: 'https://f.example/a',
    },
    { externalId: '12345678901234567891', summary: 's', contentHtml: '<p>1 &lt; 2</p>' },
    { externalId: expect.stringMatching(/^sha256:/) },
  ]);
});

test('JSON Feed survives members of the wrong type', () => {
  const feed = parse(
    JSON.stringify({
      version: 'https://jsonfeed.org/version/1',
      title: ['no'],
      author: { name: 'A' },
      items: [
        null,
        7,
        { id: 5, title: 'x', tags: 'no', url: 9, content_text: 'a', date_published: 'soon' },
        { id: '6', title: {}, content_html: '<p>b</p>', author: { name: 'B' } },
      ],
    }),
  );
  expect(feed.items).toMatchObject([
    { externalId: '5', title: 'x', authors: ['A'], categories: [], publishedAt: undefined },
    { externalId: '6', title: 'b', authors: ['B'] },
  ]);
});

test('an item that only says which, when or who it is is kept, and one that says nothing is counted', () => {
  const bare = ['<guid isPermaLink="false">17</guid>', '<pubDate>Sat, 07 Mar 2026 08:00:00 +0300</pubDate>'];
  const items = [...bare, '<dc:creator>Ada</dc:creator>', '<category>Sea</category>', '', '<title> </title>'];
  const parsed = read(
    `<rss><channel><title>T</title>${items.map((one) => `<item>${one}</item>`).join('')}</channel></rss>`,
  );
  expect(parsed.feed.items.map(({ title }) => title)).toEqual(['17', '2026-03-07', 'Ada', 'Sea']);
  expect(parsed.warnings).toEqual(['2 left out: nothing is in them']);
  const json = parse('{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "17"}, {}]}');
  expect(json.items).toMatchObject([{ externalId: '17', title: '17' }]);
});

test('a channel that has only a description is a feed', () => {
  const feed = '<rss version="2.0"><channel><description>Tides</description></channel></rss>';
  expect(parse(feed)).toMatchObject({ description: 'Tides', items: [] });
});

test.each([
  '<rss version="2.0"><channel></channel></rss>',
  '<rss version="2.0"/>',
  `<?xml version="1.0"?><feed ${ATOM}></feed>`,
  '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"></rdf:RDF>',
])('%s is called an empty feed', (xml) => {
  expect(parseFeed(Buffer.from(xml), { url: '' })).toEqual({
    kind: 'not-a-feed',
    failure: { code: 'empty-feed' },
  });
});

test.each([
  '<feed><animal/></feed>',
  '<svg><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></svg>',
  '<menu><item><title>Soup</title></item></menu>',
])('%s is some other file', (xml) => {
  expect(parseFeed(Buffer.from(xml), { url: '' })).toMatchObject({ failure: { code: 'unknown-format' } });
});

test('a relative link without an address to resolve it against is said, and identifies its article all the same', () => {
  const items =
    '<item><title>a</title><link>/a.html</link></item><item><title>b</title><description>&lt;a href="b.html">b&lt;/a></description></item>' +
    '<item><title>c</title><link>https://b.example/c</link></item>';
  const xml = `<rss><channel><title>T</title>${items}</channel></rss>`;
  const parsed = read(xml, '');
  expect(parsed.feed.items.map(({ externalId, url }) => [externalId.slice(0, 7), url])).toEqual([
    ['/a.html', undefined],
    ['sha256:', undefined],
    ['https:/', 'https://b.example/c'],
  ]);
  expect(parsed.warnings).toEqual([expect.stringMatching(/^2 with a relative link/)]);
  expect(read(xml).warnings).toEqual([]);
});

test.each([
  ["&lt;!' he said, and left", "<p>&lt;!' he said, and left</p>"],
  ["<![CDATA[<!' he said]]>", "<p>&lt;!' he said</p>"],
  ["<!' he said", "<p>&lt;!' he said</p>"],
  ['<![CDATA[<p>I </3 you</p>]]>', '<p>I &lt;/3 you</p>'],
  ['<![CDATA[<p>a</p><!-- more\n<p>b</p>]]>', '<p>a</p>\n<p>b</p>'],
  ['<![CDATA[<p>a</p><!-- more --><p>b</p>]]>', '<p>a</p><p>b</p>'],
  ['<![CDATA[<p>a</p><!-- x\n<p>b</p><!-- y\n<p>c</p>]]>', '<p>a</p>\n<p>b</p>\n<p>c</p>'],
  ['&lt;![CDATA[&lt;p>a&lt;/p>]]&gt;', '<p>a</p>'],
])('no word is lost of %j', (description, contentHtml) => {
  expect(parse(item(`<description>${description}</description>`)).items).toMatchObject([{ contentHtml }]);
});

test.each(['', 'r:'])('RSS 1.1 with the prefix %j is read', (prefix) => {
  const name = prefix === '' ? 'xmlns' : 'xmlns:r';
  const xml =
    `<?xml version="1.0"?><${prefix}Channel ${name}="http://purl.org/net/rss1.1#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about="https://b.example/rss">` +
    `<${prefix}title>T</${prefix}title><${prefix}link>https://b.example/</${prefix}link><${prefix}items rdf:parseType="Collection">` +
    `<${prefix}item rdf:about="https://b.example/1"><${prefix}title>x</${prefix}title><${prefix}link>https://b.example/1</${prefix}link>` +
    `<${prefix}description>d</${prefix}description></${prefix}item></${prefix}items></${prefix}Channel>`;
  expect(parse(xml)).toMatchObject({
    title: 'T',
    items: [{ externalId: 'https://b.example/1', title: 'x', contentHtml: '<p>d</p>' }],
  });
});

test('an entry of Atom that is a document of its own is a feed of one, unless it is cut short', () => {
  const lone = `<?xml version="1.0"?><entry ${ATOM} xml:base="https://b.example/"><id>urn:1</id><title>x</title><link href="1"/><content type="html">&lt;p>a&lt;/p></content><source><title>S</title></source></entry>`;
  const expected = {
    title: 'S',
    items: [{ externalId: 'urn:1', url: 'https://b.example/1', contentHtml: '<p>a</p>' }],
  };
  expect(parse(lone)).toMatchObject(expected);
  const prefixed = lone.replace('xmlns=', 'xmlns:a=').replaceAll(/<(\/?)(?=[a-z])/g, '<$1a:');
  expect(parse(prefixed)).toMatchObject(expected);
  expect(() => parse(lone.slice(0, lone.indexOf('&lt;/p>')))).toThrow('unknown-format');
});

test('a long list of authors is cut between two names', () => {
  const names = Array.from({ length: 24 }, (_, at) => `Adelaide Harbour ${at + 1}`);
  const authors = (list: string) => parse(item(`<dc:creator>${list}</dc:creator>`)).items[0]?.authors;
  expect(authors(`${names.slice(0, -1).join(', ')} and ${names.at(-1)}`)).toEqual(names);
  expect(authors(names.join('; '))).toEqual(names);
  expect(
    authors(names.map((name) => name.replace(/^(\w+) (.*)$/, '$2, $1')).join('; '))?.slice(0, 2),
  ).toEqual(['Harbour 1, Adelaide', 'Harbour 2, Adelaide']);
  expect(authors('Adelaide Harbour, Ben Dock')).toEqual(['Adelaide Harbour, Ben Dock']);
});

test('the formulas of XHTML and of a title stay as words', () => {
  const formula =
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><mfrac><mi>a</mi><mn>2</mn></mfrac></math>';
  const content = `<content type="xhtml"><div ${XHTML}><p>So ${formula}.</p></div></content>`;
  expect(parse(entry(content)).items).toMatchObject([{ contentHtml: '<p>So a/2.</p>' }]);
  const title = '<title>On &lt;math>&lt;mi>E&lt;/mi>&lt;/math> at sea</title>';
  expect(parse(item('').replace('<title>x</title>', title)).items).toMatchObject([{ title: 'On E at sea' }]);
});

function parse(text: string): ParsedFeed {
  return read(text).feed;
}

function read(text: string, url = 'https://f.example/feed/x.xml') {
  const parsed = parseFeed(Buffer.from(text), { url });
  if (parsed.kind !== 'feed') throw new Error(parsed.failure.code);
  return parsed;
}
