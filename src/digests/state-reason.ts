import type { OperatorWords } from '../platform/text/translations.js';
import type { Digest, HoldReason } from './digest.js';

type StateReason = Pick<
  Digest,
  'holdReasons' | 'readers' | 'readersBefore' | 'pausedBy' | 'supersededBy' | 'reason'
>;

/** Why a digest is in its state, in sentences for an operator; a mail server's own words where it paused it. */
export function describeStateReason(digest: StateReason, words: OperatorWords): string | null {
  const { holdReasons, pausedBy, supersededBy, reason } = digest;
  if (pausedBy === 'operator') return words('digest.pausedByOperator');
  if (holdReasons.length > 0)
    return holdReasons.map((each) => describeHoldReason(each, digest, words)).join(' ');
  if (supersededBy !== null) return words('digest.superseded', { period: supersededBy });
  return reason;
}

function describeHoldReason(holdReason: HoldReason, digest: StateReason, words: OperatorWords): string {
  const [count, before] = [digest.readers ?? 0, digest.readersBefore ?? 0];
  if (holdReason !== 'unusual-audience') return words(`digest.hold.${holdReason}`, { count });
  if (before === 0) return words('digest.hold.moreThanNone', { count });
  const percent = Math.round((Math.abs(count - before) / before) * 100);
  return words(count > before ? 'digest.hold.more' : 'digest.hold.fewer', { count, before, percent });
}
