import type { DigestDetails } from '../../../dashboard/digest-details.js';
import type { DeliveryCounts } from '../../../deliveries/delivery.js';
import { DAY_MS } from '../../../platform/durations.js';
import { countReadersWord, formatCount } from './ledger-words.js';
import type { Pace } from './progress/pace.js';

/** When a page shows a moment: near ones without their date. */
export type FormatTimes = {
  now: Date;
  formatTime: (moment: Date) => string;
  formatClock: (moment: Date) => string;
};

type StateOf = Pick<DigestDetails, 'state' | 'cadence' | 'counts' | 'toCome' | 'sendAt'> & {
  /** Undefined: nobody has measured it yet, or nothing moves. */
  pace?: Pace | undefined;
};

/** What has an outcome: nothing more happens to it by itself, but that what is unclear may be sent again. */
export function countDone({ planned, queued, sending, deferred }: DeliveryCounts): number {
  return planned - queued - sending - deferred;
}

/** The state of a digest as one sentence. */
export function describeState(digest: StateOf, times: FormatTimes): string {
  const { state, counts } = digest;
  switch (state) {
    case 'held':
      return 'Held: nobody has been mailed anything.';
    case 'approved':
      return describeApproved(digest, times);
    case 'sending':
      return describeSending(digest, times);
    case 'paused':
      return `Paused: ${countReadersWord(counts.accepted)} ${counts.accepted === 1 ? 'has' : 'have'} it.`;
    case 'closed':
      return counts.uncertain === 0 ? 'Complete.' : `Complete, but ${formatCount(counts.uncertain)} unclear.`;
    case 'cancelled':
      return 'Cancelled.';
  }
}

/** Something happens to it from one moment to the next: it is being sent, about to be, or what was on its way finishes. */
export function isMoving(
  { state, cadence, sendAt, counts }: Pick<StateOf, 'state' | 'cadence' | 'sendAt' | 'counts'>,
  now: Date,
): boolean {
  if (state === 'sending' || (state === 'paused' && counts.sending > 0)) return true;
  return state === 'approved' && cadence === 'operator' && (sendAt === null || sendAt <= now);
}

/** What that means for readers, in sentences. */
export function explainState(
  digest: StateOf & Pick<DigestDetails, 'cancelled'>,
  times: FormatTimes,
): string[] {
  const { state, cadence, counts, cancelled } = digest;
  switch (state) {
    case 'held':
      return ['Its readers wait until you let it go.'];
    case 'approved':
      return cadence === 'operator' ? ['Who gets it is worked out when it goes.'] : [];
    case 'sending':
      return isRolling(digest)
        ? ['Hold stops those not yet mailed.']
        : ['A pause or a cancellation takes effect within two seconds; what is on the wire finishes.'];
    case 'paused':
      return [explainPause(digest, times)];
    case 'closed':
      return counts.planned === 0 ? ['Nobody was mailed it.'] : [];
    case 'cancelled':
      return cancelled;
  }
}

/** Its readers are mailed as each one's hour comes. */
export function isRolling({ toCome }: Pick<StateOf, 'toCome'>): boolean {
  return toCome !== undefined && toCome.readers > 0;
}

function describeApproved({ cadence, sendAt }: StateOf, { now, formatTime }: FormatTimes): string {
  if (cadence !== 'operator') return 'Let go: each of its readers is mailed when her hour comes.';
  return sendAt !== null && sendAt > now ? `Goes ${formatTime(sendAt)}.` : 'About to be sent.';
}

function describeSending(digest: StateOf, times: FormatTimes): string {
  const { counts } = digest;
  if (isRolling(digest)) return `${formatCount(counts.accepted)} mailed; ${hoursToCome(digest, times)}.`;
  if (counts.planned === 0) return 'Being sent: its readers are being found.';
  const done = countDone(counts);
  return done < counts.planned
    ? `Being sent: ${formatCount(done)} of ${formatCount(counts.planned)}${paceWords(digest, times)}.`
    : `Sent to all it was for so far: ${formatCount(counts.accepted)} of ${formatCount(counts.planned)} accepted.`;
}

/** " · 310 a minute · about 07:24". */
function paceWords({ pace }: StateOf, { now, formatClock, formatTime }: FormatTimes): string {
  if (pace === undefined) return '';
  const isSoon = pace.doneAt.getTime() - now.getTime() < DAY_MS;
  const at = isSoon ? formatClock(pace.doneAt) : formatTime(pace.doneAt);
  return ` · ${formatCount(pace.perMinute)} a minute · about ${at}`;
}

function explainPause(digest: StateOf, times: FormatTimes): string {
  const { counts } = digest;
  const waiting = counts.queued + counts.deferred;
  const moving = counts.sending === 0 ? '' : `${describeOnTheWay(counts.sending)} `;
  const waits = `${moving}${countReadersWord(waiting)} ${waiting === 1 ? 'waits' : 'wait'}, and nobody gets two.`;
  return isRolling(digest)
    ? `${waits} ${capitalise(hoursToCome(digest, times))}: they wait then, too.`
    : waits;
}

function describeOnTheWay(mails: number): string {
  const are = mails === 1 ? 'One mail is' : `${formatCount(mails)} mails are`;
  return `${are} with the workers at this moment: what is on the wire finishes, the rest is put back.`;
}

/** "764 readers' hours are still to come, the last at 21:00". */
function hoursToCome({ toCome }: StateOf, { now, formatClock, formatTime }: FormatTimes): string {
  const { readers = 0, lastAt = null } = toCome ?? {};
  const hours =
    readers === 1
      ? 'one reader’s hour is still to come'
      : `${formatCount(readers)} readers’ hours are still to come`;
  if (lastAt === null) return hours;
  const isSoon = lastAt.getTime() - now.getTime() < DAY_MS;
  const at = isSoon ? formatClock(lastAt) : formatTime(lastAt);
  return readers === 1 ? `${hours}, at ${at}` : `${hours}, the last at ${at}`;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
