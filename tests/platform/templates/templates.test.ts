import { mkdtempSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createTemplates } from '../../../src/platform/templates/templates.js';
import { createLiquidEngine } from '../../../src/platform/templates/liquid-engine.js';
import { readTemplates } from '../../../src/platform/templates/files.js';
import { loadTranslations } from '../../../src/platform/text/translations.js';
import { pages, publication, templates } from './page-fixtures.js';

/** As with PUBLIC_URL=https://site.example/news. */
const below = createTemplates({ dir: 'templates', basePath: '/news' });

describe.each(Object.entries(pages))('the page "%s"', (_state, [name, data]) => {
  const html = templates.page(name, 'en', data);

  test('has one main heading, a title and a language', () => {
    expect(html.match(/<h1[ >]/g)).toHaveLength(1);
    expect(html).toMatch(/<title>[^<]+<\/title>/);
    expect(html).toContain('<html lang="en" dir="ltr">');
  });

  test('leads nowhere beside the path of PUBLIC_URL', () => {
    const desk = 'here' in data ? { here: `/news${String(data['here'])}` } : {};
    const links = below.page(name, 'en', { ...data, ...desk }).match(/(?:href|src|action)="\/[^"]*"/g) ?? [];
    const { unsubscribeUrl = '', manageUrl = '' } = data as Record<string, string>;
    const given = [unsubscribeUrl, manageUrl].map((url) => `href="${url}"`);
    expect(links.filter((link) => !link.includes('"/news/') && !given.includes(link))).toEqual([]);
  });

  test('contains nothing that the content security policy would block', () => {
    // Scripts only as files of Paperround: `<script src="/assets/…">`, or the one that publishers' pages load.
    const ours =
      /<script (src="\/assets\/[\w.-]+" defer|async src="\/embed\/[\w-]+\.js"( data-[\w-]+="[\w-]+")*)><\/script>/g;
    expect(html.replace(ours, '')).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|javascript:/i);
  });
});

test.each([true, false])('every template of ours parses, where escaping is %s', (escaping) => {
  const sources = readTemplates('templates');
  const options = { words: loadTranslations('templates/locales'), assetPath: String, basePath: '', escaping };
  const onUnparsed = (name: string, cause: unknown) => new Error(name, { cause });
  const open = (names: string[]) => createLiquidEngine(sources, options, { names, onUnparsed });
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  open(Object.keys(sources));
  sources['broken'] = '{% if %}';
  expect(() => open(['broken'])).toThrow('broken');
});

test('no template forgets the path of PUBLIC_URL in front of a path of ours', () => {
  const forgetful = Object.entries(readTemplates('templates')).flatMap(([name, source]) =>
    (source.match(/[\w-]+="\/[^"]*"/g) ?? []).map((attribute) => `${name}: ${attribute}`),
  );
  expect(forgetful).toEqual([]);
  expect(below.assetPath('mark.svg')).toBe(`/news${templates.assetPath('mark.svg')}`);
});

test('pages with a reader in them ask not to be indexed, the sign-up page does not', () => {
  const page = (state: string) => templates.page(...namedPage(state));
  expect(page('confirm')).toContain('noindex');
  expect(page('sign-up')).not.toContain('noindex');
});

test('a language without translations falls back to English and says so in lang', () => {
  const html = templates.page('link-invalid', 'xx-YY', {});
  expect(html).toContain('<html lang="en" dir="ltr">');
  expect(html).toContain('isn&#39;t valid any more');
});

test('what HTML forbids is on no page, whatever somebody typed', () => {
  const odd = 'Tide\u0000\u0007\u007f\u0085\u009b\ufdd0\uffff table\tof\nMay';
  const html = templates.page('unsubscribe', 'en', {
    ...{ publication: { ...publication, name: odd }, maskedEmail: odd, token: 't' },
  });
  expect(html).toContain(`Tide${'\ufffd'.repeat(7)} table\tof\nMay`);
  expect(html).not.toMatch(/[^\P{Cc}\t\n]|\p{Noncharacter_Code_Point}/u);
});

test('a value is escaped once, in texts with and without markup', () => {
  const name = `Fish & <b>Chips</b> "$t(home.title)" {{count}}`;
  const odd = { ...publication, name };
  const html = templates.page('unsubscribe', 'en', {
    publication: odd,
    maskedEmail: '<i>@x.example',
    token: 't',
  });
  expect(html).not.toMatch(/<b>|<i>|&amp;amp;|&amp;lt;|&amp;#/);
  expect(html).toContain('Fish &amp; &lt;b&gt;Chips');
  expect(html).toContain('Fish &#38; &#60;b&#62;Chips');
  expect(html).toContain('$t(home.title)');
});

test.each([
  ['desk@lantern.example', '<a href="mailto:desk@lantern.example">desk@lantern.example</a>'],
  ['a?b&c@lantern.example', '<a href="mailto:a%3Fb%26c@lantern.example">a?b&#38;c@lantern.example</a>'],
  [
    'https://lantern.example/?a&b',
    '<a href="https://lantern.example/?a&#38;b">https://lantern.example/?a&#38;b</a>',
  ],
  ['the desk, <3 Quay Street>', 'the desk, &#60;3 Quay Street&#62;'],
  ['javascript:alert(1)', 'javascript:alert(1)'],
])('the way to the publisher, %s, is a link where it can be one', (contact, shown) => {
  const html = templates.page('link-invalid', 'en', {
    publication: { ...publication, contact },
    hasSettings: true,
  });
  const [, words] = /<p>Questions\? Write to (.*)\.<\/p>/.exec(html) ?? [];
  expect(words).toBe(shown);
});

test('the consent sentence comes out as the reader saw it, ready to be stored', () => {
  const odd = { ...publication, name: 'Fish & Chips' };
  const wording = templates.line('pages/partials/consent-wording', 'en', { publication: odd });
  expect(wording).toBe(
    'Yes, send new articles from Fish & Chips to this address by email. I can stop at any time with the unsubscribe link in every email.',
  );
});

test('an error stands at the field and in a summary that leads to it', () => {
  const html = templates.page(...namedPage('sign-up with an error'));
  expect(html).toContain('aria-invalid="true"');
  expect(html).toContain('aria-describedby="email-error email-help"');
  expect(html).toContain('<a href="#email">Did you mean a@gmail.com?</a>');
  expect(html).toContain('<input type="hidden" name="email" value="a@gmail.com">');
});

test('a link of a feed that is not a web address is printed without a link', () => {
  const [name, , data] = namedPage('operator');
  const trap = {
    title: 'Trap',
    url: 'javascript:alert(1)',
    path: null,
    icon: 'good',
    word: 'Out',
    about: '',
  };
  expect(templates.page(name, 'en', { ...data, newest: [trap] })).toContain('<p class="row-title">Trap</p>');
});

test('a missing value and an unknown key throw', () => {
  expect(() => templates.page('unsubscribe', 'en', { publication })).toThrow(/maskedEmail|token/);
  expect(() => templates.t('en', 'no.such.words')).toThrow('No words for no.such.words');
  expect(() => templates.page('no-such-page', 'en', {})).toThrow();
});

test('every key that a template uses has a text', () => {
  const sources = Object.values(readTemplates('templates')).join('\n');
  const keys = [...sources.matchAll(/'([\w.]+)' \| t(?:_rich)?\b/g)].map(([, key]) => String(key));
  expect(keys.length).toBeGreaterThan(60);
  for (const key of keys) expect(() => templates.t('en', key, { count: 2 })).not.toThrow();
});

test('an asset is served under a name made of its content', () => {
  const path = templates.assetPath('paperround.css');
  expect(path).toMatch(/^\/assets\/paperround-[0-9a-f]{10}\.css$/);
  const asset = templates.assets.get(path.slice('/assets/'.length));
  expect(asset?.type).toBe('text/css; charset=utf-8');
  expect(asset?.body).toEqual(readFileSync('templates/assets/paperround.css'));
  expect(() => templates.assetPath('missing.css')).toThrow('No asset called missing.css');
});

describe('a template changed by a publisher', () => {
  test('cannot read inherited properties', () => {
    const custom = withPage('{{ thing.constructor }}');
    expect(() => custom.page('custom', 'en', { thing: {} })).toThrow(/undefined variable/);
  });

  test('cannot read files', () => {
    const custom = withPage("{% render '../../package.json' %}{% include name %}");
    expect(() => custom.page('custom', 'en', { name: '/etc/hostname' })).toThrow(/ENOENT/);
  });

  test('cannot be shown when it does not parse', () => {
    expect(() => withPage('{% if %}').page('custom', 'en', {})).toThrow();
    expect(() => withPage('{{ 1 | no_such_filter }}').page('custom', 'en', {})).toThrow(/undefined filter/);
  });
});

test('a moment names its day, its time and its zone, summer time included', () => {
  const custom = withPage('{{ at | date_in: zone }}|{{ at | day_in: zone }}|{{ none | clock_in: zone }}');
  const at = new Date('2026-07-01T22:30:00Z');
  expect(custom.page('custom', 'en', { at, zone: 'Europe/Berlin', none: null })).toBe(
    '2 July 2026, 00:30 (Central European Summer Time)|2 July 2026|',
  );
  expect(custom.page('custom', 'en', { at, zone: 'Africa/Nairobi', none: null })).toContain(
    '(East Africa Time)',
  );
});

function namedPage(state: string): [string, string, Record<string, unknown>] {
  const found = pages[state];
  if (!found) throw new Error(`No page called ${state}`);
  return [found[0], 'en', found[1]];
}

/** A templates folder of its own with the one page "custom". */
function withPage(source: string) {
  const dir = mkdtempSync(join(tmpdir(), 'templates-'));
  for (const folder of ['assets', 'emails', 'embed', 'locales', 'pages']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'locales', 'en.json'), '{}');
  writeFileSync(join(dir, 'emails', 'mail.css'), '');
  writeFileSync(join(dir, 'pages', 'custom.liquid'), source);
  writeFileSync(join(dir, 'embed', 'builds.json'), '[{ "file": "embed-1.js", "integrity": "sha384-x" }]');
  for (const file of ['embed-1.js', 'form.css', 'panel.css', 'plain.css'])
    writeFileSync(join(dir, 'embed', file), '');
  return createTemplates({ dir });
}
