import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../platform/durations.js';
import type { Rates } from '../../platform/mail/smtp/smtp-url-parameters.js';
import type { RegisteredTransport } from '../transport.js';

/** How many messages a server was handed in the minute that begins at `minute`. */
export type Usage = { minute: Date; messages: number };

/** Doubled so often, a warm-up limits nothing any more. */
const MAX_WARM_UP_DAYS = 30;

/** The rates that apply now: those of SMTP_URL, and while warming up no more a day than the warm-up allows. */
export function ratesAt(
  { limits, firstUsedAt }: Pick<RegisteredTransport, 'limits' | 'firstUsedAt'>,
  now: Date,
): Rates {
  const warmUp = warmUpLimit(limits.warmUp, firstUsedAt, now);
  if (warmUp === undefined) return limits.rates;
  return { ...limits.rates, day: Math.min(limits.rates.day ?? Infinity, warmUp) };
}

/**
 * Doubles at midnight UTC. Days on which the server was not used count as well: whoever needs a slower start sets a rate.
 */
function warmUpLimit(warmUp: number | undefined, firstUsedAt: Date | null, now: Date): number | undefined {
  if (warmUp === undefined) return undefined;
  const days = dayNumber(now) - dayNumber(firstUsedAt ?? now);
  return days > MAX_WARM_UP_DAYS ? undefined : warmUp * 2 ** Math.max(0, days);
}

/** Without any rate, nothing is counted. */
export function isUnlimited({ second, minute, hour, day }: Rates): boolean {
  return [second, minute, hour, day].every((rate) => rate === undefined);
}

/** How many messages may be sent by the rates for an hour and a day; where none, when it may be asked again. */
export type Room = { messages: number; until: Date };

/**
 * An hour and a day end at each moment: what was sent in the last sixty minutes counts, whatever the clock shows. All of a
 * quota may be used at once, since a newsletter is wanted at its hour; `pace.ts` keeps what must go slowly.
 * @param usage oldest first; of any length
 */
export function remainingQuota({ hour, day }: Rates, usage: readonly Usage[], now: Date): Room {
  const rooms = [roomIn(HOUR_MS, hour, usage, now), roomIn(DAY_MS, day, usage, now)];
  return {
    messages: Math.min(...rooms.map(({ messages }) => messages)),
    until: new Date(Math.max(...rooms.map(({ until }) => until.getTime()))),
  };
}

/** A minute counts until its last second is `span` ago. */
function roomIn(span: number, limit: number | undefined, usage: readonly Usage[], now: Date): Room {
  if (limit === undefined) return { messages: Infinity, until: now };
  const leavesAt = ({ minute }: Usage) => minute.getTime() + MINUTE_MS + span;
  // Minutes to come were counted by a clock that is ahead; by more than one, it was wrong.
  const counted = usage.filter(
    (each) => leavesAt(each) > now.getTime() && each.minute.getTime() <= now.getTime() + MINUTE_MS,
  );
  let used = counted.reduce((sum, { messages }) => sum + messages, 0);
  const messages = Math.max(0, limit - used);
  const first = counted.find((each) => (used -= each.messages) < limit);
  return { messages, until: messages > 0 || first === undefined ? now : new Date(leavesAt(first)) };
}

function dayNumber(moment: Date): number {
  return Math.floor(moment.getTime() / DAY_MS);
}

export function startOfMinute(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / MINUTE_MS) * MINUTE_MS);
}
