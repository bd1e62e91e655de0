import { expect, test } from '@jest/globals';
import { COLUMN_NAMES } from '../../../../src/subscribers/import/read/column-names.js';
import { columnsMistake, fields, fileKinds } from '../../../../src/subscribers/import/read/fields.js';
import {
  importStatuses,
  statusOfKind,
  stricter,
} from '../../../../src/subscribers/import/read/parse-status.js';
import { isEventTable } from '../../../../src/subscribers/import/read/suggest-columns.js';

test('a choice of columns has one address, and nothing twice but statuses and topics', () => {
  expect(
    columnsMistake(['ignore', 'email', 'status', 'status', 'topics', 'topics', 'ignore']),
  ).toBeUndefined();
  expect(columnsMistake(['ignore', 'joined'])).toEqual({ mistake: 'no-email-column' });
  expect(columnsMistake(['email', 'email'])).toEqual({ mistake: 'chosen-twice', field: 'email' });
  expect(columnsMistake(['joined', 'email', 'joined'])).toEqual({ mistake: 'chosen-twice', field: 'joined' });
});

test('a table of opened or delivered mails is no list of readers', () => {
  expect(isEventTable(['post_id', 'timestamp', 'email', 'post_type'])).toBe(true);
  expect(isEventTable(['email', 'created_at'])).toBe(false);
  expect(isEventTable(null)).toBe(false);
});

test('every field but “leave out” has names by which it is known', () => {
  expect(Object.keys(COLUMN_NAMES).toSorted()).toEqual(
    // What old links name a reader by is called differently by each product.
    fields.filter((field) => !['ignore', 'old-id', 'old-key'].includes(field)).toSorted(),
  );
});

test('no row of a file of people who left is milder than its file', () => {
  for (const kind of fileKinds) {
    const milder = importStatuses.filter((status) => stricter(status, statusOfKind(kind)) !== status);
    expect([kind, milder.includes('subscribed')]).toEqual([
      kind,
      kind === 'unsubscribed' || kind === 'cleaned',
    ]);
  }
});
