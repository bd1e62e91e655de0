import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { findAccessibilityFaults } from '../support/accessibility.js';
import { findChromium, openBrowserWindow, openBrowser } from '../support/browser.js';
import { setViewport, themes } from '../screens/open-screen.js';
import { alerts, writeAlert } from './alert-cases.js';
import { digests, writeDigest } from './digest-cases.js';
import { notices, writeNotice } from './notice-cases.js';

/** Kept mails: with UPDATE_GOLDEN=1 they are written anew, to be looked at and committed. */
const folder = 'tests/golden';
// oxlint-disable-next-line node/no-process-env
const isUpdating = process.env['UPDATE_GOLDEN'] !== undefined;

const digestMails = Object.keys(digests).map((name) => [name, writeDigest(name)] as const);
const keptMails = [
  ...digestMails,
  ...Object.keys(notices).map((name) => [name, writeNotice(name)] as const),
  ...Object.keys(alerts).map((name) => [name, writeAlert(name)] as const),
];

describe.each(keptMails)('the mail "%s"', (name, { subject, html, text }) => {
  test('is the one that is kept', () => {
    expectGoldenFile(`${name}.html`, html);
    expectGoldenFile(`${name}.txt`, `Subject: ${subject}\n\n${text}`);
  });

  test('is far from where Gmail clips, even with the largest digest', () => {
    expect(Buffer.byteLength(html)).toBeLessThan(name.startsWith('forty') ? 30_000 : 15_000);
  });

  test('leads only to absolute addresses of the publisher and of ours, and has no script', () => {
    const targets = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target]) => target ?? '');
    // Who is told that a change was taken back has nothing to do: only the newsletter's name leads anywhere.
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

  test('has lines of 72 characters in its plain part, longer ones only around an address', () => {
    for (const line of text.split('\n')) expect(line.length <= 72 || /\S{30}/.test(line)).toBe(true);
  });
});

test.each(Object.keys(alerts))('the alert "%s" has each command in one line of its plain part', (name) => {
  const { html, text } = writeAlert(name);
  const commands = [...html.matchAll(/<code[^>]*>(.*?)<\/code>/g)].map(([, command]) => command);
  expect(commands.length).toBeGreaterThan(1);
  expect(text.split('\n').filter((line) => line.startsWith('npx '))).toEqual(commands);
});

describe.each(digestMails)('the digest "%s"', (_name, { html, text, urls }) => {
  test('has every article’s address in both parts', () => {
    for (const url of urls) {
      expect(html).toContain(`href="${url.replaceAll('&', '&amp;')}"`);
      expect(text.split('\n')).toContain(url);
    }
  });

  test('has Unsubscribe at its top and at its end, and in the plain part', () => {
    const link = 'https://mail.lantern.example/unsubscribe/her-own-token';
    expect(html.split(`href="${link}"`)).toHaveLength(3);
    expect(html.indexOf(link)).toBeLessThan(html.indexOf('<h1'));
    expect(text).toContain(link);
  });
});

test('no kept mail is left over from a case that is gone', () => {
  const names = keptMails.flatMap(([name]) => [`${name}.html`, `${name}.txt`]);
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

const chromium = findChromium();
const inChromium = chromium === undefined ? describe.skip : describe;

inChromium(`in Chromium${chromium === undefined ? ' (skipped: this machine has none)' : ''}`, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(() => browser.close());

  test.each(keptMails)(
    'axe finds nothing in "%s", light or dark, and it fits a phone',
    async (_name, { html }) => {
      const { page, problems, close } = await openBrowserWindow(browser, { width: 375 });
      await page.setContent(html);
      for (const width of [375, 700]) {
        for (const theme of themes) {
          await setViewport(page, { width, theme });
          expect({ theme, width, found: await findAccessibilityFaults(page, theme) }).toEqual({
            theme,
            width,
            found: [],
          });
          expect(await page.evaluate(sidewaysScroll)).toBe(0);
        }
      }
      // Pictures stay away in this browser: none leaves a hole.
      expect(await page.evaluate(emptySpace)).toBe(0);
      expect(problems()).toEqual([]);
      await close();
    },
    20_000,
  );
});

const sidewaysScroll = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const emptySpace = `Math.max(0, ...[...document.querySelectorAll('img[alt=""]')].map((img) => img.offsetHeight))`;

function expectGoldenFile(file: string, content: string): void {
  const path = join(folder, file);
  if (isUpdating) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, content);
  }
  expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(content);
}
