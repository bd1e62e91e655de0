import { expect, test } from '@jest/globals';
import { findHoldReasons } from '../../../src/digests/open/hold-rules.js';
import { describeStateReason } from '../../../src/digests/state-reason.js';
import type { Publication } from '../../../src/publications/publication.js';
import { operatorWords } from '../../support/operator-words.js';

/** What an operator reads; null: the digest is not held. */
function digestHoldReason(
  publication: Pick<Publication, 'approval' | 'postalAddress'>,
  readers: number,
  before: number | undefined,
): string | null {
  const holdReasons = findHoldReasons(publication, readers, before);
  const counts = { readers, readersBefore: before ?? null };
  return describeStateReason(
    { holdReasons, ...counts, pausedBy: null, supersededBy: null, reason: null },
    operatorWords,
  );
}

const fine = { approval: false, postalAddress: '1 Quay Street' };

test('a digest like the last one is not held', () => {
  for (const [readers, before] of [
    [1000, undefined],
    [1000, 1000],
    [1300, 1000],
    [700, 1000],
  ] as const)
    expect([readers, before, digestHoldReason(fine, readers, before)]).toEqual([readers, before, null]);
});

test('with a third more or fewer readers than the last one it is held', () => {
  expect(digestHoldReason(fine, 1301, 1000)).toBe(
    'It is for 1301 readers, and the last one was for 1000 (30 % more). ' +
      'That can mean an import that went in twice. If the number is right, approve it.',
  );
  expect(digestHoldReason(fine, 699, 1000)).toContain('(30 % fewer). That can mean readers lost by mistake.');
  expect(digestHoldReason(fine, 101, 0)).toContain('the last one was for 0. ');
});

test('with no more than a hundred readers it is held for approval and for want of a postal address', () => {
  const bare = { approval: false, postalAddress: null };
  expect(digestHoldReason(fine, 100, 10)).toBeNull();
  for (const readers of [1, 100, 101])
    expect(digestHoldReason(bare, readers, readers)).toMatch(/^The newsletter has no postal address/);
  expect(digestHoldReason({ ...fine, approval: true }, 1, 500)).toBe(
    'Waiting for approval, as this newsletter’s settings ask for. It is for up to 1 reader.',
  );
});
