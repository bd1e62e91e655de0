import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { trackAcceptingDomains, type AcceptingDomains } from './accepting-domains.js';
import { nextProbeAt, WHOLE_SERVER, type NewCircuit } from './circuit.js';
import { addToHistory, historyOf, type DomainHistories, type DomainHistory } from './domain-history.js';
import { failureKind, isBounceStorm, serverFailureKind, type RecentReply } from './failure-thresholds.js';
import { createRecentReplies, type RecentReplies } from './recent-replies.js';
import { assessReply, isFailure } from './reply-health.js';

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
  readonly domains: DomainHistories;
  readonly accepting: AcceptingDomains;
};

type DetectedFailure = Omit<NewCircuit, 'transportId' | 'reason'>;

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
  const isServerWide = 'isServerWide' in outcome;
  state.recent.add({ domain, health, isServerWide }, at);
  if (health === 'healthy') {
    state.accepting.recordAcceptance(domain, at);
    const history = state.domains.get(domain);
    if (history !== undefined) addToHistory(history, health, at);
    return undefined;
  }
  const history = historyOf(state.domains, domain);
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

function reset(state: DetectorState, domain: string): void {
  if (domain !== WHOLE_SERVER) return void state.domains.delete(domain);
  state.recent = createRecentReplies();
  state.domains.clear();
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
