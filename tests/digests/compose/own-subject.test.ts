import { expect, test } from '@jest/globals';
import { ownSubject } from '../../../src/digests/compose/own-subject.js';
import { settingsChangeSchema } from '../../../src/publications/publication.js';
import { lantern } from '../../mails/digest-cases.js';

const date = new Date('2026-11-30T22:30:00Z');
const subject = (subjectTemplate: string | null, count = 3, first: string | undefined = 'Storm') =>
  ownSubject({ ...lantern, subjectTemplate }, { first, count, date });
const mistake = (subjectTemplate: string) =>
  settingsChangeSchema.safeParse({ subjectTemplate }).error?.issues[0]?.message;

test('a subject of the publisher’s own wording names what stands in braces, on the newsletter’s own day', () => {
  expect(subject('{newsletter}: {first}[, and {more} more]')).toBe('The Harbour Lantern: Storm, and 2 more');
  expect(subject('{count} new on {date}')).toBe('3 new on 1 December 2026');
  expect(subject('News')).toBe('News');
});

test('what is in square brackets is left out where there is one article', () => {
  expect(subject('{newsletter}: {first}[, and {more} more]', 1)).toBe('The Harbour Lantern: Storm');
  expect(subject('[{count} new:] {first}', 1)).toBe('Storm');
});

test('a long title is cut until the rest fits, and a title that looks like a name stays as it is', () => {
  const long = 'The ferry to the outer islands moves to its winter timetable on the first of December';
  const cut = subject('Lantern: {first}[, and {more} more]', 3, long) ?? '';
  expect(cut).toMatch(/^Lantern: The ferry .*…, and 2 more$/);
  expect(cut.length).toBeLessThanOrEqual(70);
  expect(subject('{first} | {newsletter}', 1, '{newsletter} $& [x]')).toBe(
    '{newsletter} $& [x] | The Harbour Lantern',
  );
});

test('without a wording, and without an article, the subject is ours', () => {
  expect(subject(null)).toBeNull();
  expect(
    ownSubject({ ...lantern, subjectTemplate: '{first}' }, { first: undefined, count: 0, date }),
  ).toBeNull();
});

test('a name that is none of ours is told, with those that are', () => {
  expect(mistake('{frist}')).toBe(
    'has {frist}; what may stand in braces is first, more, count, newsletter, date',
  );
  expect(mistake('{First} {}')).toContain('has {First};');
  expect(mistake('{first} } { [')).toBeUndefined();
  expect(mistake('a\r\nBcc: b')).toBe('has control characters');
  expect(settingsChangeSchema.safeParse({ subjectTemplate: null }).success).toBe(true);
});
