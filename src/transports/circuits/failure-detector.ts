import { HOUR_MS, MINUTE_MS } from '../../platform/durations.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { nextProbeAt, WHOLE_SERVER, type NewCircuit } from './circuit.js';
import { failureKind, isBounceStorm, serverFailureKind, type RecentReply } from './failure-thresholds.js';
import { createRecentReplies, type RecentReplies } from './recent-replies.js';
import { assessReply, isFailure, type ReplyHealth } from './reply-health.js';

/**
 * What one worker has recently heard from one server. A new worker starts from nothing: the twenty replies that open a
 * circuit soon come again.
 */
export type FailureDetector = {
  /** Takes in one reply. Returns the circuit that has to be opened because of it, which is rare. */
  recordReply(domain: string, outcome: Outcome, now: Date): NewCircuit | undefined;
  /** For a circuit that is open: the replies that opened it must not open it again when it closes. */
  reset(domain: string): void;
};

type DetectorState = {
  readonly transportId: number;
  /** Of the whole server. */
  recent: RecentReplies;
  /** Of domains with failures or rejections, the latest of them last. Where all goes well, nothing is stored. */
  readonly domains: Map<string, DomainHistory>;
  readonly accepting: AcceptingDomains;
};

/** Replies of one domain. The counts are those of the hour that began at `startedAt` (milliseconds since 1970). */
type DomainHistory = {
  recent: RecentReplies;
  startedAt: number;
  replyCount: number;
  rejectedCount: number;
};

type DetectedFailure = Omit<NewCircuit, 'transportId' | 'reason'>;

const MAX_DOMAINS = 500;
/** Mail that was accepted longer ago says nothing about now. */
const RECENT_ACCEPTANCE_MS = 10 * MINUTE_MS;

export function createFailureDetector(transportId: number): FailureDetector {
  const state: DetectorState = {
    transportId,
    recent: createRecentReplies(),
    domains: new Map(),
    accepting: trackAcceptingDomains(),
  };
  return {
    recordReply: (domain, outcome, now) => recordReply(state, domain, outcome, now),
    reset: (domain) => reset(state, domain),
  };
}

function recordReply(
  state: DetectorState,
  domain: string,
  outcome: Outcome,
  now: Date,
): NewCircuit | undefined {
  const health = assessReply(outcome);
  if (health === undefined) return undefined;
  const at = now.getTime();
  const isServerWide = 'isServerWide' in outcome && outcome.isServerWide === true;
  state.recent.add({ domain, health, isServerWide }, at);
  if (health === 'healthy') {
    state.accepting.recordAcceptance(domain, at);
    const history = state.domains.get(domain);
    if (history !== undefined) addToHistory(history, health, at);
    return undefined;
  }
  const history = historyOf(state, domain);
  addToHistory(history, health, at);
  const failure = isFailure(health)
    ? detectFailure(state, history, domain, health, now)
    : detectBounceStorm(history, domain);
  if (failure === undefined) return undefined;
  reset(state, failure.domain);
  return { transportId: state.transportId, reason: 'reply' in outcome ? outcome.reply : '', ...failure };
}

/** Only a failure of `health`'s own kind: the circuit's reason is the reply that has just come. */
function detectFailure(
  state: DetectorState,
  history: DomainHistory,
  domain: string,
  health: 'refused' | 'throttled',
  now: Date,
): DetectedFailure | undefined {
  const at = now.getTime();
  const all = state.recent.list(at);
  const acceptedRecently = (except: string) => state.accepting.acceptedRecently(except, at);
  if (serverFailureKind(all, acceptedRecently) === health) {
    const closesAt = health === 'refused' ? null : nextProbeAt(health, 1, now);
    return { domain: WHOLE_SERVER, kind: health, ...countFailures(all), closesAt };
  }
  const own = history.recent.list(at);
  if (failureKind(own.map((reply) => reply.health)) !== health) return undefined;
  return { domain, kind: health, ...countFailures(own), closesAt: nextProbeAt(health, 1, now) };
}

/** Moves the domain to the end of the map, and drops the first one when there are too many. */
function historyOf({ domains }: DetectorState, domain: string): DomainHistory {
  const history = domains.get(domain) ?? createDomainHistory();
  domains.delete(domain);
  domains.set(domain, history);
  const [oldest] = domains.size > MAX_DOMAINS ? domains.keys() : [];
  if (oldest !== undefined) domains.delete(oldest);
  return history;
}

function reset(state: DetectorState, domain: string): void {
  if (domain !== WHOLE_SERVER) return void state.domains.delete(domain);
  state.recent = createRecentReplies();
  state.domains.clear();
}

function createDomainHistory(): DomainHistory {
  return { recent: createRecentReplies(), startedAt: -Infinity, replyCount: 0, rejectedCount: 0 };
}

/** The reply that begins an hour is not counted for a storm: it was not drawn by chance, it was the first bad one. */
function addToHistory(history: DomainHistory, health: ReplyHealth, at: number): void {
  history.recent.add({ domain: '', health, isServerWide: false }, at);
  if (at - history.startedAt > HOUR_MS) {
    history.startedAt = at;
    history.replyCount = 0;
    history.rejectedCount = 0;
    return;
  }
  history.replyCount += 1;
  if (health === 'rejected') history.rejectedCount += 1;
}

function detectBounceStorm(history: DomainHistory, domain: string): DetectedFailure | undefined {
  if (!isBounceStorm(history)) return undefined;
  const { replyCount, rejectedCount } = history;
  return { domain, kind: 'bounces', replyCount, failureCount: rejectedCount, closesAt: null };
}

function countFailures(replies: readonly RecentReply[]): { replyCount: number; failureCount: number } {
  return {
    replyCount: replies.length,
    failureCount: replies.filter(({ health }) => isFailure(health)).length,
  };
}

type AcceptingDomains = {
  recordAcceptance(domain: string, at: number): void;
  /** Has another domain than this one accepted mail recently? */
  acceptedRecently(except: string, at: number): boolean;
};

/** Remembers the two domains that accepted mail last: whichever one is excepted, the other remains. */
function trackAcceptingDomains(): AcceptingDomains {
  let last = { domain: '', at: -Infinity };
  let before = last;
  return {
    recordAcceptance: (domain, at) => {
      if (domain === last.domain) last.at = at;
      else [before, last] = [last, { domain, at }];
    },
    acceptedRecently: (except, at) => (last.domain === except ? before : last).at > at - RECENT_ACCEPTANCE_MS,
  };
}
