import type { OperatorWords } from '../platform/text/translations.js';
import { describeSettingRemedy } from '../transports/circuits/describe-circuit.js';
import type { Digest, HoldReason } from './digest.js';

type StateReason = Pick<
  Digest,
  'holdReasons' | 'readers' | 'readersBefore' | 'pausedBy' | 'supersededBy' | 'reason'
>;

/**
 * Why a digest is in its state, in sentences for an operator; where a mail server paused it, that server's own
 * words and the setting that mends it, if one does.
 */
export function describeStateReason(digest: StateReason, words: OperatorWords): string | null {
  const { holdReasons, pausedBy, supersededBy, reason } = digest;
  if (pausedBy === 'operator') return words('digest.pausedByOperator');
  if (holdReasons.length > 0)
    return holdReasons.map((each) => describeHoldReason(each, digest, words)).join(' ');
  if (supersededBy !== null) return words('digest.superseded', { period: supersededBy });
  const setting = reason === null ? undefined : describeSettingRemedy(reason, words);
  return setting === undefined ? reason : `${reason} ${setting}`;
}

function describeHoldReason(holdReason: HoldReason, digest: StateReason, words: OperatorWords): string {
  const [count, before] = [digest.readers ?? 0, digest.readersBefore ?? 0];
  if (holdReason !== 'unusual-audience') return words(`digest.hold.${holdReason}`, { count });
  if (before === 0) return words('digest.hold.moreThanNone', { count });
  const percent = Math.round((Math.abs(count - before) / before) * 100);
  return words(count > before ? 'digest.hold.more' : 'digest.hold.fewer', { count, before, percent });
}
