import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import { canonicalLanguageTag } from '../../../src/platform/text/language-tag.js';
import { loadTranslations } from '../../../src/platform/text/translations.js';

const translations = loadTranslations(fileURLToPath(new URL('../../../templates/locales', import.meta.url)));

test.each([
  ['en', 'en', 'en'],
  ['EN', 'en', 'en'],
  ['sw_KE', 'sw-KE', 'sw'],
  ['ar-eg', 'ar-EG', 'ar'],
  ['de_DE', 'de-DE', 'en'],
  ['de_DE_formal', 'de-DE-formal', 'en'],
  ['pt_PT_ao90', 'pt-PT', 'en'],
  ['pt-PT-ao90', 'pt-PT', 'en'],
  ['ca-valencia', 'ca-valencia', 'en'],
  ['zh_CN', 'zh-CN', 'en'],
  ['zh-Hans-CN-x-private-use', 'zh-Hans-CN', 'en'],
  ['sw-u-nu-arab', 'sw', 'sw'],
  ['iw', 'he', 'en'],
  ['en-a1', 'en', 'en'],
  ['sw-a1', 'sw', 'sw'],
  ['en-', 'en', 'en'],
  ['sw-KE-sw-KE-sw-KE', 'sw-KE', 'sw'],
  [`sw-${'abcdefgh-'.repeat(40)}x`, 'sw-abcdefgh', 'sw'],
])('%s is %s, and its reader is written to in %s', (text, tag, language) => {
  expect(canonicalLanguageTag(text)).toBe(tag);
  expect(translations.resolveLocale(text)).toBe(language);
  expect(translations.t(text, 'confirm.title')).toBe(translations.t(language, 'confirm.title'));
});

test('what is no language tag counts as English', () => {
  for (const text of ['', '-', '_', 'x-private', 'C', '<b>', 'de DE', '__proto__', 'constructor']) {
    expect([text, translations.resolveLocale(text)]).toEqual([text, 'en']);
  }
});

test('a language without a file gives way to the newsletter’s, and that to English', () => {
  for (const [own, newsletter, language] of [
    ['ha', 'sw', 'sw'],
    ['ha', 'sw-KE', 'sw'],
    ['en-GB', 'sw', 'en'],
    ['ar', 'sw', 'ar'],
    ['<b>', 'ar-EG', 'ar'],
    ['ha', 'de', 'en'],
  ] as const)
    expect([own, newsletter, translations.resolveLocale(own, newsletter)]).toEqual([
      own,
      newsletter,
      language,
    ]);
});

test('every text is a tag that the runtime takes, or none', () => {
  const subtags = fc.array(fc.stringMatching(/^[A-Za-z0-9]{1,9}$/), { maxLength: 12 });
  const texts = fc.oneof(
    fc.string(),
    fc.tuple(subtags, fc.constantFrom('-', '_')).map(([parts, by]) => parts.join(by)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const tag = canonicalLanguageTag(text);
      expect(['en', 'sw', 'ar']).toContain(translations.resolveLocale(text));
      if (tag === undefined) return;
      expect(tag.length).toBeLessThanOrEqual(40);
      expect(canonicalLanguageTag(tag)).toBe(tag);
      expect(new Intl.DateTimeFormat(tag).resolvedOptions().locale).toMatch(/\w/);
    }),
  );
});
