import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowserWindow, openBrowser, type BrowserWindow } from '../support/browser.js';
import { accountMails, writeAccountMail } from './account-cases.js';
import { alerts, writeAlert } from './alert-cases.js';
import { digests, writeDigest } from './digest-cases.js';
import { notices, writeNotice } from './notice-cases.js';
import { describeInChromium } from '../support/chromium-tests.js';
import { expectAccessible } from '../support/axe.js';

/** With UPDATE_GOLDEN=1 the files are written anew, to be looked at and committed. */
const folder = 'tests/golden';
// oxlint-disable-next-line node/no-process-env
const isUpdating = process.env['UPDATE_GOLDEN'] !== undefined;

const digestMails = Object.keys(digests).map((name) => [name, writeDigest(name)] as const);
const goldenMails = [
  ...digestMails,
  ...Object.keys(notices).map((name) => [name, writeNotice(name)] as const),
  ...Object.keys(alerts).map((name) => [name, writeAlert(name)] as const),
  ...Object.keys(accountMails).map((name) => [name, writeAccountMail(name)] as const),
];

describe.each(goldenMails)('the mail "%s"', (name, { subject, html, text }) => {
  test('is that of its golden file', () => {
    expectGoldenFile(`${name}.html`, html);
    expectGoldenFile(`${name}.txt`, `Subject: ${subject}\n\n${text}`);
  });

  test('is smaller than what Gmail clips, even the largest digest', () => {
    expect(Buffer.byteLength(html)).toBeLessThan(name.startsWith('forty') ? 30_000 : 15_000);
  });

  test('links only to absolute addresses of the publisher and of Paperround, and has no script', () => {
    const targets = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target]) => target ?? '');
    // Whoever is told that a change was undone has nothing to do: only the newsletter's name is a link.
    expect(targets.length).toBeGreaterThan(/^address-(?:returned|parted)/.test(name) ? 0 : 1);
    for (const target of targets) expect(target).toMatch(/^https:\/\/(?:mail\.)?lantern\.example\//);
    expect(html).not.toMatch(/<script|<link|@import|url\(|javascript:| on[a-z]+="/i);
  });

  test('names its language and direction, and has one main heading', () => {
    const locale = name.slice(-2);
    const dir = locale === 'ar' ? 'rtl' : 'ltr';
    expect(html).toContain(`<html lang="${locale}" dir="${dir}"`);
    expect(html.match(/<h1[ >]/g)).toHaveLength(1);
  });

  test('has nothing that SpamAssassin takes for spam: words in the colour of the paper, or ids between words', () => {
    const [, paper] = /<body style="[^"]*background(?:-color)?: ?(#\w+)/.exec(html) ?? [];
    expect(paper).toMatch(/^#\w{6}$/);
    const [, preheader = ''] = /<div style="(display:none;[^"]*)"/.exec(html) ?? [];
    expect(preheader).toMatch(/;color:#\w{6}$/);
    expect(preheader).not.toContain(`;color:${paper}`);
    // Its rules HTML_FONT_LOW_CONTRAST and HEXHASH_WORD; the second looks at each paragraph.
    const paragraphs = [...text.split(/\n\n+/), ...html.split(/<\/?(?:p|div|li|h\d|td)\b[^>]*>/)];
    const words = paragraphs.map((part) => ` ${part.replaceAll(/<[^>]+>|\s+/g, ' ')} `);
    expect(
      words.filter((part) => / [A-Z]?[a-z]{1,15} +[-0-9a-f]{10,64} +[A-Z]?[a-z]{1,15}\b/.test(part)),
    ).toEqual([]);
  });

  test('has lines of 72 characters in its plain part, longer ones only around an address', () => {
    for (const line of text.split('\n')) expect(line.length <= 72 || /\S{30}/.test(line)).toBe(true);
  });
});

test.each(Object.keys(alerts))('the alert "%s" has each command in one line of its plain part', (name) => {
  const { html, text } = writeAlert(name);
  const commands = [...html.matchAll(/<code[^>]*>(.*?)<\/code>/g)].map(([, command]) => command);
  expect(commands.length).toBeGreaterThan(1);
  expect(text.split('\n').filter((line) => /^(npx|timedatectl) /.test(line))).toEqual(commands);
});

describe.each(digestMails)('the digest "%s"', (_name, { html, text, urls }) => {
  test('has every article’s address in both parts', () => {
    for (const url of urls) {
      expect(html).toContain(`href="${url.replaceAll('&', '&amp;')}"`);
      expect(text.split('\n')).toContain(url);
    }
  });

  test('has Unsubscribe at its top and at its end, and in the plain part', () => {
    const link = `https://mail.lantern.example/unsubscribe/${'t'.repeat(34)}`;
    expect(html.split(`href="${link}"`)).toHaveLength(3);
    expect(html.indexOf(link)).toBeLessThan(html.indexOf('<h1'));
    expect(text).toContain(link);
  });
});

test('no golden file is left over from a case that is gone', () => {
  const names = goldenMails.flatMap(([name]) => [`${name}.html`, `${name}.txt`]);
  expect(
    readdirSync(folder)
      .filter((file) => !file.startsWith('.'))
      .toSorted(),
  ).toEqual(names.toSorted());
});

test('the subject of one article is its title, cut where no inbox shows more', () => {
  const subjects = Object.fromEntries(digestMails.map(([name, { subject }]) => [name, subject]));
  expect(subjects['article-en']).toBe('Nobody owns the yellow buoy');
  expect(subjects['long-en']).toMatch(/^A title that goes on and on, .*\w…$/);
  expect(subjects['long-en']?.length).toBeLessThanOrEqual(120);
});

test('a subject keeps its count however long the first title is', () => {
  const subjects = Object.fromEntries(digestMails.map(([name, { subject }]) => [name, subject]));
  expect(subjects['digest-en']).toBe('Nobody owns the yellow buoy, and 4 more');
  expect(subjects['digest-sw']).toBe('Nobody owns the yellow buoy, na 4 zaidi');
  expect(subjects['digest-ar']).toBe('لا أحد يملك العوامة الصفراء، ومقالان آخران');
  expect(subjects['announcement-en']).toBe('We are closed on Friday');
  expect(subjects['odd-en']).toMatch(/^A title that goes on .*\w…, and 4 more$/);
  expect(subjects['odd-en']?.length).toBeLessThanOrEqual(70);
});

describeInChromium('in Chromium', () => {
  let browser: Browser;
  let window: BrowserWindow;

  beforeAll(async () => {
    browser = await openBrowser();
    // One for all of them: a mail leaves nothing behind.
    window = await openBrowserWindow(browser, { width: 375 });
  });

  afterAll(() => browser.close());

  test.each(goldenMails)(
    'axe finds nothing in "%s", light or dark, and it fits a phone',
    async (_name, { html }) => {
      const { page, problems } = window;
      const before = problems().length;
      await page.setContent(html);
      await expectAccessible(page, [375, 700]);
      // Pictures are not loaded in this browser: decorative ones take no space.
      expect(await page.evaluate(emptySpace)).toBe(0);
      expect(problems().slice(before)).toEqual([]);
    },
    20_000,
  );
});

const emptySpace = `Math.max(0, ...[...document.querySelectorAll('img[alt=""]')].map((img) => img.offsetHeight))`;

function expectGoldenFile(file: string, content: string): void {
  const path = join(folder, file);
  if (isUpdating) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, content);
  }
  expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(content);
}
