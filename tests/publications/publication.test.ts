import { noticeFrom } from '../../src/publications/from-header.js';
import { describe, expect, test } from '@jest/globals';
import {
  settingsChangeSchema,
  newPublicationSchema,
  type Publication,
} from '../../src/publications/publication.js';

const least = {
  slug: 'lantern',
  name: 'The Lantern',
  siteUrl: 'https://lantern.example/',
  fromAddress: 'news@lantern.example',
};

function mistakesIn(settings: object): string[] {
  return settingsChangeSchema.safeParse(settings).error?.issues.map(({ message }) => message) ?? [];
}

test('a publication needs a slug, a name, a site and a sender, and nothing else', () => {
  expect(newPublicationSchema.safeParse(least).success).toBe(true);
  for (const name of Object.keys(least)) {
    const { [name as keyof typeof least]: _, ...rest } = least;
    expect([name, newPublicationSchema.safeParse(rest).success]).toEqual([name, false]);
  }
});

describe('a slug', () => {
  test.each(['a', 'the-lantern', '2026', 'a'.repeat(63)])('may be %s', (slug) => {
    expect(mistakesIn({ slug })).toEqual([]);
  });
  test.each(['', '-a', 'a-', 'The', 'a_b', 'a/b', 'ü', 'a b', 'a'.repeat(64)])('may not be %j', (slug) => {
    expect(mistakesIn({ slug })).toEqual(['is lower-case letters, digits and dashes, at most 63']);
  });
  test.each(
    (
      'operator inbox demo api embed confirm manage unsubscribe hooks healthz readyz metrics assets check-inbox ' +
      'never websub'
    ).split(' '),
  )('may not be %s, which is a page of ours', (slug) => {
    expect(mistakesIn({ slug })).toEqual(['is one of our own routes; choose another']);
  });
});

test('a logo is on https, as everything that mails load', () => {
  expect(mistakesIn({ logo: 'https://lantern.example/logo.png' })).toEqual([]);
  expect(mistakesIn({ logo: null })).toEqual([]);
  expect(mistakesIn({ logo: 'http://lantern.example/logo.png' })).toEqual([
    'is not a web address like https://example.com/logo.png',
  ]);
});

describe('a setting that is put into a mail header', () => {
  test.each(['name', 'fromName', 'postalAddress', 'contact'])('%s is one line that is not empty', (field) => {
    expect(mistakesIn({ [field]: 'The Lantern, of Marrowby' })).toEqual([]);
    expect(mistakesIn({ [field]: '  ' })).toEqual(['is empty']);
    expect(mistakesIn({ [field]: 'The Lantern\r\nBcc: all@example.com' })).toEqual([
      'has control characters',
    ]);
    expect(mistakesIn({ [field]: 'x'.repeat(400) })[0]).toMatch(/^is longer than \d+ characters$/);
  });
  test.each(['fromAddress', 'noticeAddress', 'replyTo'])('%s is an e-mail address', (field) => {
    expect(mistakesIn({ [field]: 'news@lantern.example' })).toEqual([]);
    for (const wrong of [
      'news',
      'News <news@lantern.example>',
      'a@b.example\r\nBcc: c@d.example',
      'a@b.c, d@e.f',
    ])
      expect(mistakesIn({ [field]: wrong })).toEqual(['is not an e-mail address']);
  });
});

test('each mistake has its sentence', () => {
  expect(
    mistakesIn({
      siteUrl: 'lantern.example',
      timezone: '+03:00',
      defaultCadence: 'hourly',
      hour: 24,
      weekday: 0,
      dayOfMonth: '32',
      contentMode: 'half',
      accent: 'red',
      locale: 'English',
    }),
  ).toEqual([
    'is not a web address like https://example.com',
    'is a language tag like en or sw',
    'is not a time zone; use an IANA name like Africa/Nairobi or Europe/Berlin',
    'is one of instant, daily, weekly, monthly',
    'is a whole number from 0 to 23',
    'is a whole number from 1 to 7',
    'is a whole number from 1 to 31',
    'is summary or full',
    'is a colour like #9a3412',
  ]);
  expect(mistakesIn({ siteUrl: 'javascript:alert(1)' })).toEqual([
    'is not a web address like https://example.com',
  ]);
  expect(settingsChangeSchema.safeParse({ lastSeq: 7 }).error?.issues).toMatchObject([
    { code: 'unrecognized_keys', keys: ['lastSeq'] },
  ]);
});

test('a time zone is a name with a history, and is stored by that of today', () => {
  const zoneOf = (timezone: string) => settingsChangeSchema.safeParse({ timezone }).data?.timezone;
  for (const name of ['Africa/Nairobi', 'Europe/Berlin', 'America/Argentina/Ushuaia', 'UTC'])
    expect([name, zoneOf(name)]).toEqual([name, name]);
  expect(zoneOf('asia/calcutta')).toBe('Asia/Kolkata');
  for (const name of [
    '',
    'Nairobi',
    '+03:00',
    '-05',
    'Mars/Base',
    'UTC\u0000',
    'Africa/Nairobi ',
    'IST',
    'ist',
  ])
    expect([name, zoneOf(name)]).toEqual([name, undefined]);
});

test('a language may be written as WordPress writes it, and is stored as far as it is one', () => {
  for (const [given, stored] of [
    ['en', 'en'],
    ['pt_BR', 'pt-BR'],
    ['pt_PT_ao90', 'pt-PT'],
    ['ca-valencia', 'ca-valencia'],
    ['', undefined],
    ['C', undefined],
    ['x-klingon', undefined],
  ])
    expect([given, settingsChangeSchema.safeParse({ locale: given }).data?.locale]).toEqual([given, stored]);
});

test('notices are sent from their own address, or from the newsletter’s when there is none', () => {
  const publication = { fromName: 'The Lantern', fromAddress: 'news@lantern.example' } as Publication;
  expect(noticeFrom({ ...publication, noticeAddress: 'confirm@lantern.example' })).toEqual({
    name: 'The Lantern',
    address: 'confirm@lantern.example',
  });
  expect(noticeFrom({ ...publication, noticeAddress: null }).address).toBe('news@lantern.example');
});

test('a switch is on or off in a terminal, true or false for programs, and nothing else', () => {
  for (const [given, read] of [
    ['on', true],
    ['off', false],
    [true, true],
    [false, false],
  ] as const)
    expect(settingsChangeSchema.parse({ approval: given })).toEqual({ approval: read });
  for (const given of ['', 'yes', 'true', 1, null])
    expect([given, settingsChangeSchema.safeParse({ approval: given }).success]).toEqual([given, false]);
});
