import type { OperatorWords } from '../platform/text/translations.js';
import type { Digest } from './digest.js';

/**
 * When a digest goes, or went, in a few words for an operator that follow "Sent": `from 1 December 2026, 07:00 on`.
 * @param formatTime a moment as the place of the words shows it
 */
export function describeSendTime(
  { state, cadence, sendAt, sentAt }: Pick<Digest, 'state' | 'cadence' | 'sendAt' | 'sentAt'>,
  { now, formatTime, words }: { now: Date; formatTime: (moment: Date) => string; words: OperatorWords },
): string {
  const isOngoing = state === 'sending' || state === 'paused';
  if (sentAt !== null)
    return isOngoing ? words('digest.sent.since', { time: formatTime(sentAt) }) : formatTime(sentAt);
  if (state === 'held') return words('digest.sent.onceApproved');
  if (state === 'closed' || state === 'cancelled') return words('digest.sent.never');
  if (state === 'paused') return words('digest.sent.onceResumed');
  if (sendAt !== null && sendAt > now) return words('digest.sent.from', { time: formatTime(sendAt) });
  return words(`digest.sent.${cadence === 'operator' ? 'soon' : 'asDue'}`);
}
