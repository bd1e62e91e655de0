import type { ReplyHealth } from './reply-health.js';

/** Why: they refuse us, they ask us to slow down, or too many readers there are said to be unknown. */
export type CircuitKind = 'refused' | 'throttled' | 'bounces';

/** A server, or a recipient domain behind it, that gets no mail for now. */
export type Circuit = {
  id: string;
  transportId: number;
  /** Empty: the whole server. */
  domain: string;
  kind: CircuitKind;
  /** The server's own words, in one of the answers that opened it. */
  reason: string;
  /** How many recent answers there were, and how many of them were like that. */
  replyCount: number;
  failureCount: number;
  openedAt: Date;
  /** How often in a row it was opened. */
  openCount: number;
  /** When it is tried again; null: when an operator says so. */
  closesAt: Date | null;
  closedAt: Date | null;
};

export type NewCircuit = Omit<Circuit, 'id' | 'openedAt' | 'openCount' | 'closedAt'>;

/** With the name of its server. */
export type CircuitWithTransport = Circuit & { transport: string };

/** The whole server, where a domain may stand. */
export const WHOLE_SERVER = '';

/** One recent answer. */
export type RecentReply = { domain: string; health: ReplyHealth };

/** Fewer answers than this show nothing. */
const MIN_REPLIES = 20;

/** Are so many of these answers against us that it is no accident? */
export function failureKind(answers: readonly ReplyHealth[]): 'refused' | 'throttled' | undefined {
  return answers.length < MIN_REPLIES ? undefined : majorityFailureKind(answers);
}

/**
 * Half refused is a refusal. Being asked to slow down takes three quarters: a server at its limit takes some and puts off
 * the others, and those come through one by one.
 */
function majorityFailureKind(answers: readonly ReplyHealth[]): 'refused' | 'throttled' | undefined {
  const refused = count(answers, 'refused');
  if (refused * 2 >= answers.length) return 'refused';
  return (refused + count(answers, 'throttled')) * 4 >= answers.length * 3 ? 'throttled' : undefined;
}

/** Fewer answers of other domains than this do not say what other domains think. */
const MIN_OTHER_REPLIES = 3;

/**
 * Is it the server, and not one domain behind it? One large provider that blocks us easily gives most of the answers, so
 * the worst domain is left out and the others are asked the same. Where there are hardly any others it is the server,
 * unless some other domain took mail a short while ago.
 */
export function serverFailureKind(
  heard: readonly RecentReply[],
  tookMailLately: (exceptDomain: string) => boolean,
): 'refused' | 'throttled' | undefined {
  const all = failureKind(heard.map(({ health }) => health));
  if (all === undefined) return undefined;
  const worst = worstDomain(heard);
  const others = heard.filter(({ domain }) => domain !== worst).map(({ health }) => health);
  if (others.length >= MIN_OTHER_REPLIES) return majorityFailureKind(others);
  return tookMailLately(worst) ? undefined : all;
}

function worstDomain(heard: readonly RecentReply[]): string {
  const against = new Map<string, number>();
  for (const { domain, health } of heard) {
    if (isFailure(health)) against.set(domain, (against.get(domain) ?? 0) + 1);
  }
  const [worst] = [...against].sort(([, one], [, other]) => other - one);
  return worst?.[0] ?? WHOLE_SERVER;
}

/** An answer against us, rather than against one reader. */
export function isFailure(answer: ReplyHealth): boolean {
  return answer === 'refused' || answer === 'throttled';
}

/**
 * So many readers of one domain unknown within an hour: it is the domain that has a bad day (a directory that is gone, a
 * filter that lies), or the list that is wrong. In both cases no single bounce is to be believed.
 */
export function isBounceStorm({ answers, rejected }: { answers: number; rejected: number }): boolean {
  return answers >= 100 && rejected * 20 > answers;
}

const MINUTE_MS = 60_000;
const MAX_OPEN_MS = 4 * 60 * MINUTE_MS;
/** Who asks us to slow down has often forgotten it in a minute; who refuses us does not change his mind so soon. */
const INITIAL_OPEN_MS = { throttled: MINUTE_MS, refused: 15 * MINUTE_MS };

/** When it is tried again after having been opened so often in a row: each time it waits twice as long, up to 4 hours. */
export function nextProbeAt(kind: 'refused' | 'throttled', tries: number, now: Date): Date {
  return new Date(now.getTime() + Math.min(INITIAL_OPEN_MS[kind] * 2 ** (tries - 1), MAX_OPEN_MS));
}

/** Nothing may pass: its time has not come, or only an operator can say when. */
export function isOpen({ closesAt }: Pick<Circuit, 'closesAt'>, now: Date): boolean {
  return closesAt === null || closesAt > now;
}

function count(answers: readonly ReplyHealth[], wanted: ReplyHealth): number {
  let sum = 0;
  for (const answer of answers) if (answer === wanted) sum += 1;
  return sum;
}
