import type { Publication } from '../../publications/publication.js';
import type { HoldReason } from '../digest.js';
import type { Draft } from '../drafts/draft.js';
import { isPostalAddressMissing } from '../postal-address.js';

/** With this few readers a mistake is small, and every change of their number looks large. */
const MAX_UNCHECKED_READERS = 100;
/** A larger change of the number of readers looks unusual, as a share of those before. */
const MAX_AUDIENCE_CHANGE_SHARE = 0.3;

/**
 * What a digest is held for before anybody is planned; nothing: it may go.
 * @param readers confirmed readers of its rhythm
 * @param before how many there were at the last digest of this rhythm; undefined at the first
 * @param draft what somebody writes for it; undefined: nobody does
 */
export function findHoldReasons(
  {
    approval,
    postalAddress,
    unapprovedWords,
  }: Pick<Publication, 'approval' | 'postalAddress'> & Partial<Pick<Publication, 'unapprovedWords'>>,
  readers: number,
  before: number | undefined,
  draft?: Pick<Draft, 'state'>,
): HoldReason[] {
  const isChecked = readers > MAX_UNCHECKED_READERS;
  const reasons: HoldReason[] = [];
  if (approval) reasons.push('approval');
  if (unapprovedWords === 'wait' && draft?.state === 'draft') reasons.push('draft');
  if (isPostalAddressMissing({ postalAddress })) reasons.push('no-postal-address');
  if (isChecked && before !== undefined && isUnusualChange(readers, before)) reasons.push('unusual-audience');
  return reasons;
}

function isUnusualChange(readers: number, before: number): boolean {
  return Math.abs(readers - before) > before * MAX_AUDIENCE_CHANGE_SHARE;
}
