import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../platform/durations.js';

/** Why: they refuse us, they ask us to slow down, too many readers there are said to be unknown, or we cannot connect. */
export type CircuitKind = 'refused' | 'throttled' | 'bounces' | 'unreachable';

/**
 * A circuit of a circuit breaker: while it is open, a server, or one recipient domain behind it, gets no mail. It is
 * half-open once `closesAt` is past: a few messages probe whether it can close.
 */
export type Circuit = {
  id: string;
  transportId: number;
  /** Empty: the whole server. */
  domain: string;
  kind: CircuitKind;
  /** The server's own words, in one of the replies that opened it. */
  reason: string;
  /** How many recent replies there were, and how many of them were failures of this kind. */
  replyCount: number;
  failureCount: number;
  openedAt: Date;
  /** How often in a row it was opened. */
  openCount: number;
  /** When it is half-open; null: an operator has to close it. */
  closesAt: Date | null;
  closedAt: Date | null;
};

export type NewCircuit = Omit<Circuit, 'id' | 'openedAt' | 'openCount' | 'closedAt'>;

/** With the name of its server, and how many mails wait to be sent, where they were counted. */
export type CircuitWithTransport = Circuit & { transport: string; waiting?: number };

/** The whole server, where a domain may stand. */
export const WHOLE_SERVER = '';

export function isWholeServer({ domain }: Pick<Circuit, 'domain'>): boolean {
  return domain === WHOLE_SERVER;
}

/** Open means that nothing may be sent: the time of its probes has not come, or only an operator can close it. */
export function isOpen({ closesAt }: Pick<Circuit, 'closesAt'>, now: Date): boolean {
  return closesAt === null || closesAt > now;
}

/**
 * A server that throttles us often takes mail again after a minute; one that refuses us hardly ever does. One that cannot be
 * reached may be back at any moment, and whoever has mended it waits for the mail.
 */
const INITIAL_OPEN_MS = { throttled: MINUTE_MS, refused: 15 * MINUTE_MS, unreachable: 5 * SECOND_MS };
/** No circuit stays open for longer before it is probed. */
export const MAX_OPEN_MS = 4 * HOUR_MS;
const MAX_UNREACHABLE_MS = 30 * SECOND_MS;

/**
 * When a circuit that was opened so often in a row is half-open: twice as long after each failed probe, up to 4 hours, or
 * half a minute for a server that cannot be reached.
 * @param openCount from 1
 */
export function nextProbeAt(kind: Exclude<CircuitKind, 'bounces'>, openCount: number, now: Date): Date {
  const maxMs = kind === 'unreachable' ? MAX_UNREACHABLE_MS : MAX_OPEN_MS;
  const openMs = Math.min(INITIAL_OPEN_MS[kind] * 2 ** (openCount - 1), maxMs);
  return new Date(now.getTime() + openMs);
}

/** The whole server cannot be reached, so that no message gets as far as to show anything else. */
export function isUnreachable({ kind }: Pick<Circuit, 'kind'>): boolean {
  return kind === 'unreachable';
}
