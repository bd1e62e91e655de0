import { countNoun } from '../platform/text/count-noun.js';
import type { Digest, HoldReason } from './digest.js';

type StateReason = Pick<
  Digest,
  'holdReasons' | 'readers' | 'readersBefore' | 'pausedBy' | 'supersededBy' | 'reason'
>;

/** Why a digest is in its state, in sentences for an operator; a mail server's own words where it paused it. */
export function describeStateReason(digest: StateReason): string | null {
  const { holdReasons, readers, readersBefore, pausedBy, supersededBy, reason } = digest;
  if (pausedBy === 'operator') return 'An operator paused it.';
  if (holdReasons.length > 0)
    return holdReasons.map((each) => describeHoldReason(each, readers ?? 0, readersBefore ?? 0)).join(' ');
  if (supersededBy !== null) return `The digest of ${supersededBy} took its place.`;
  return reason;
}

function describeHoldReason(holdReason: HoldReason, readers: number, before: number): string {
  switch (holdReason) {
    case 'approval':
      return `Waiting for approval, as this newsletter’s settings ask for. It is for up to ${countNoun(readers, 'reader')}.`;
    case 'no-postal-address':
      return (
        `The newsletter has no postal address, which the law of many countries asks for in every mail, ` +
        `and this is for ${countNoun(readers, 'reader')}. Set postalAddress, then approve it.`
      );
    case 'unusual-audience':
      return describeUnusualAudience(readers, before);
  }
}

function describeUnusualAudience(readers: number, before: number): string {
  const [change, cause] =
    readers > before ? ['more', 'an import that went in twice'] : ['fewer', 'readers lost by mistake'];
  const percent =
    before === 0 ? '' : ` (${Math.round((Math.abs(readers - before) / before) * 100)} % ${change})`;
  return (
    `It is for ${countNoun(readers, 'reader')}, and the last one was for ${before}${percent}. ` +
    `That can mean ${cause}. If the number is right, approve it.`
  );
}
