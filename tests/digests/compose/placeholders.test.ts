import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  fillHtml,
  fillText,
  placeholder,
  removePlaceholders,
  type PlaceholderValues,
} from '../../../src/digests/compose/placeholders.js';

const values: PlaceholderValues = {
  unsubscribeUrl: 'https://lantern.example/unsubscribe/t?a=1&b=2',
  manageUrl: 'https://lantern.example/manage/t',
  email: `o'hara+"news"@example.com`,
  confirmedOn: '3 March 2026',
  how: 'was confirmed',
  moved: '',
  rhythm: 'weekly on Mondays, about 07:00',
};

test('placeholders are filled, escaped in HTML', () => {
  const words = `<a href="${placeholder('unsubscribeUrl')}">${placeholder('email')}</a> since ${placeholder('confirmedOn')}`;
  expect(fillText(words, values)).toBe(
    `<a href="${values.unsubscribeUrl}">${values.email}</a> since 3 March 2026`,
  );
  expect(fillHtml(words, values)).toBe(
    '<a href="https://lantern.example/unsubscribe/t?a=1&#38;b=2">o&#39;hara+&#34;news&#34;@example.com</a> since 3 March 2026',
  );
});

test('placeholders in a value are not filled', () => {
  const nested = { ...values, email: placeholder('unsubscribeUrl') };
  expect(fillText(placeholder('email'), nested)).toBe(placeholder('unsubscribeUrl'));
});

test.each(['secret', 'constructor', 'toString', '__proto__'])(
  'an unknown placeholder (%s) is refused',
  (name) => {
    expect(() => fillText(`\uE000${name}\uE001`, values)).toThrow('unknown placeholder');
  },
);

test('nothing that a publisher or feed wrote is a placeholder: not in titles, lists or whatever holds them', () => {
  const words = fc.string({ unit: fc.constantFrom('\uE000', '\uE001', 'email', 'a', '<', '\u{1F44B}') });
  fc.assert(
    fc.property(fc.object({ values: [words, fc.integer(), fc.constant(null)] }), words, (article, text) => {
      expect(JSON.stringify(removePlaceholders(article))).not.toMatch(/[\uE000\uE001]/);
      expect(fillText(removePlaceholders(text), values)).toBe(text.replaceAll(/[\uE000\uE001]/g, ''));
    }),
  );
});

test('dates and other values stay as they are', () => {
  const article = { title: 'Harbour', publishedAt: new Date(0), image: null, authors: ['Ines'], minutes: 3 };
  expect(removePlaceholders(article)).toEqual(article);
});
