import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeedItem } from '../../../src/articles/parse/feed-item.js';
import { parseFeed } from '../../../src/articles/parse/parse-feed.js';
import { sanitiseHtml } from '../../../src/articles/clean/sanitise.js';

/** The result of a run. Times in milliseconds, memory in MB; each failure names the number of its mutation. */
export type MutationResult = {
  count: number;
  feeds: number;
  articles: number;
  slowest: number;
  grown: number;
  failures: string[];
};

const FOLDER = join(import.meta.dirname, '../../../../shared/data/feeds');
const MAX_CHARS = 16_384;
const WARM_UP_RUNS = 200;

const ORIGINALS = [
  '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://a.example/</link><item><title>A &amp; b</title>' +
    '<link>/1</link><guid>1</guid><description><![CDATA[<p>One <img src="/a.png"><b>two</b></p>]]></description>' +
    '<pubDate>Sat, 07 Mar 2026 08:00:00 +0300</pubDate></item><item><title>C</title><guid>2</guid></item></channel></rss>',
  '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/"><title type="html">T &lt;b&gt;</title><entry><id>1</id>' +
    '<title>A</title><link href="1"/><updated>2026-03-07T08:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">' +
    '<h1>a</h1><ul><li>b <a href="x">c</a></li></ul></div></content></entry></feed>',
  '{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":1,"url":"/1","content_html":"<p>a</p>","tags":["x"]}]}',
];

const INSERTS = [
  '&nosuch;',
  '&#0;',
  '&#x110000;',
  '&amp;amp;lt;',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<item>',
  '</item>',
  '</channel>',
  '<entry>',
  '<?x',
  '<!DOCTYPE a [<!ENTITY b "c">',
  '<a href="javascript:x">',
  '<img src="//x.example/a.png" width=1>',
  '\u0000',
  '\ud800',
  '"',
  '<title type="xhtml">',
  ' xml:base="../../../x:y" ',
  '<script>',
  '<table><tr><td>',
];

type Random = (below: number) => number;

/** Breaks feeds in `count` ways that are the same for the same seed, and reads each of them. */
export function readMutations(count: number, seed: number): MutationResult {
  const sources = loadSources();
  const figures: MutationResult = { count, feeds: 0, articles: 0, slowest: 0, grown: 0, failures: [] };
  let before = 0;
  for (let at = 0; at < count; at += 1) {
    if (at === Math.min(WARM_UP_RUNS, count - 1)) before = process.memoryUsage.rss();
    const random = createRandom(seed * 1_000_003 + at);
    try {
      readOne(mutate(sources, random), at, figures);
    } catch (error) {
      figures.failures.push(`${at}: threw ${String(error)}`);
    }
    figures.grown = Math.max(
      figures.grown,
      before === 0 ? 0 : (process.memoryUsage.rss() - before) / 2 ** 20,
    );
  }
  return figures;
}

function loadSources(): Buffer[] {
  const files = existsSync(FOLDER) ? readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }) : [];
  const real = files
    .filter((file) => /\.(?:xml|atom|json)$/.test(file))
    .toSorted()
    .map((file) => readFileSync(join(FOLDER, file)).subarray(0, MAX_CHARS));
  return [...real, ...ORIGINALS.map((text) => Buffer.from(text))];
}

/** Mulberry32: small, and the same everywhere. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function mutate(sources: Buffer[], random: Random): Buffer {
  const pick = () => sources[random(sources.length)] ?? Buffer.alloc(0);
  const ways = [flip, cut, double, insert, swapTags, (body: Buffer) => splice(body, pick(), random)];
  let body: Buffer = Buffer.from(pick());
  for (let times = 1 + random(6); times > 0; times -= 1)
    body = ways[random(ways.length)]?.(body, random) ?? body;
  return body;
}

function flip(body: Buffer, random: Random): Buffer {
  for (let times = 1 + random(20); times > 0; times -= 1) body[random(body.length)] = random(256);
  return body;
}

function cut(body: Buffer, random: Random): Buffer {
  const from = random(body.length);
  return Buffer.concat([body.subarray(0, from), body.subarray(from + random(body.length / 4))]);
}

function double(body: Buffer, random: Random): Buffer {
  const from = random(body.length);
  const part = body.subarray(from, from + random(2000));
  return Buffer.concat([body.subarray(0, from), part, part, body.subarray(from)]);
}

function insert(body: Buffer, random: Random): Buffer {
  const from = random(body.length);
  const text = (INSERTS[random(INSERTS.length)] ?? '').repeat(1 + random(random(40) === 0 ? 3000 : 2));
  return Buffer.concat([body.subarray(0, from), Buffer.from(text), body.subarray(from)]);
}

function splice(body: Buffer, other: Buffer, random: Random): Buffer {
  return Buffer.concat([body.subarray(0, random(body.length)), other.subarray(random(other.length))]);
}

function swapTags(body: Buffer, random: Random): Buffer {
  const tags = [...body.toString('latin1').matchAll(/<[^<>]{1,80}>/g)];
  const [one, other] = [tags[random(tags.length)], tags[random(tags.length)]].toSorted(
    (a, b) => (a?.index ?? 0) - (b?.index ?? 0),
  );
  if (!one || !other || one === other) return body;
  const text = body.toString('latin1');
  const between = text.slice(one.index + one[0].length, other.index);
  const swapped =
    text.slice(0, one.index) + other[0] + between + one[0] + text.slice(other.index + other[0].length);
  return Buffer.from(swapped, 'latin1');
}

function readOne(body: Buffer, at: number, figures: MutationResult): void {
  const started = performance.now();
  const parsed = parseFeed(body, { url: 'https://feeds.example/feed.xml' });
  const took = performance.now() - started;
  figures.slowest = Math.max(figures.slowest, took);
  if (took > 2000) figures.failures.push(`${at}: took ${took} ms`);
  if (parsed.kind === 'not-a-feed') return;
  figures.feeds += 1;
  figures.articles += parsed.feed.items.length;
  for (const item of parsed.feed.items) {
    const wrong = findWrong(item, at % 10 === 0);
    if (wrong !== undefined) figures.failures.push(`${at}: ${wrong}`);
  }
}

function findWrong(item: FeedItem, thoroughly: boolean): string | undefined {
  const { externalId, title, summary, contentHtml, url, image, authors, categories } = item;
  const words = [
    externalId,
    title,
    summary,
    contentHtml,
    url ?? '',
    image ?? '',
    ...authors,
    ...categories,
  ].join('');
  if (/(?![\t\n])\p{Cc}|\p{Surrogate}/u.test(words)) return 'a control character';
  if (title.trim() === '' || title.length > 300) return `the title ${title}`;
  if (externalId === '' || externalId.length > 500) return `the id ${externalId}`;
  if (summary.length > 500) return `the summary ${summary}`;
  if (url !== undefined && !/^https?:\/\/[^/\s]/.test(url)) return `the address ${url}`;
  if (image !== undefined && !/^https:\/\/[^/\s]/.test(image)) return `the picture ${image}`;
  if (/<\w+(?: [\w-]+="[^"]*")*? (?:href|src)="(?!https?:\/\/|mailto:)/.test(contentHtml))
    return 'a relative or unsafe link';
  if (/<(?:script|style|iframe|form|input|svg|object)\b/i.test(contentHtml))
    return 'an element that is not allowed';
  if (thoroughly && sanitiseHtml(contentHtml, undefined) !== contentHtml)
    return 'content that is no fixed point';
  return undefined;
}
