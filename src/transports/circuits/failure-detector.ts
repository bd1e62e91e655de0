import { assessReply, type ReplyHealth } from './reply-health.js';
import {
  isBounceStorm,
  isFailure,
  serverFailureKind,
  failureKind,
  nextProbeAt,
  WHOLE_SERVER,
  type NewCircuit,
} from './circuit.js';
import { createRecentReplies, HOUR_MS, type RecentReplies } from './recent-replies.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';

/** What one worker has lately heard from one server. It is forgotten with the worker: twenty answers are soon had again. */
export type FailureDetector = {
  /** Takes in one answer; says what has to be opened because of it, which is nearly always nothing. */
  recordReply(domain: string, outcome: Outcome, now: Date): NewCircuit | undefined;
  /** A circuit is open: what led to it must not open it again when it closes. */
  reset(domain: string): void;
};

/** Answers of one domain, from its first trouble on. */
type DomainHistory = { recent: RecentReplies; startedAt: number; answers: number; rejected: number };

/** Domains with trouble that are remembered: those with the latest. Where all goes well nothing is kept at all. */
const MAX_DOMAINS = 500;
/** Mail taken then says nothing about now. */
const RECENT_ACCEPTANCE_MS = 600_000;

export function createFailureDetector(transportId: number): FailureDetector {
  let recent = createRecentReplies();
  const domains = new Map<string, DomainHistory>();
  const takers = trackAcceptingDomains();

  function hear(domain: string, outcome: Outcome, now: Date): NewCircuit | undefined {
    const answer = assessReply(outcome);
    if (answer === undefined) return undefined;
    const at = now.getTime();
    recent.add(domain, answer, at);
    if (answer === 'fine') {
      takers.took(domain, at);
      const known = domains.get(domain);
      if (known !== undefined) addToHistory(known, answer, at);
      return undefined;
    }
    const track = trackOf(domain);
    addToHistory(track, answer, at);
    const found = isFailure(answer) ? trouble(track, domain, answer, now) : detectBounceStorm(track, domain);
    if (found === undefined) return undefined;
    forget(found.domain);
    return { transportId, reason: 'reply' in outcome ? outcome.reply : '', ...found };
  }

  function trouble(
    track: DomainHistory,
    domain: string,
    answer: ReplyHealth,
    now: Date,
  ): DetectedFailure | undefined {
    const at = now.getTime();
    const all = recent.list(at);
    const whole = serverFailureKind(all, (except) => takers.tookLately(except, at));
    // The words that are kept are those of this answer: it has to be of the kind that opens.
    if (whole === answer) {
      const closesAt = whole === 'refused' ? null : nextProbeAt(whole, 1, now);
      return { domain: WHOLE_SERVER, kind: whole, ...countFailures(all), closesAt };
    }
    const own = track.recent.list(at);
    const kind = failureKind(own.map((one) => one.health));
    if (kind === undefined || kind !== answer) return undefined;
    return { domain, kind, ...countFailures(own), closesAt: nextProbeAt(kind, 1, now) };
  }

  /** The domain with the latest trouble is the last of the map; the first goes when there are too many. */
  function trackOf(domain: string): DomainHistory {
    const track = domains.get(domain) ?? createDomainHistory();
    domains.delete(domain);
    domains.set(domain, track);
    const [oldest] = domains.size > MAX_DOMAINS ? domains.keys() : [];
    if (oldest !== undefined) domains.delete(oldest);
    return track;
  }

  function forget(domain: string): void {
    if (domain !== WHOLE_SERVER) return void domains.delete(domain);
    recent = createRecentReplies();
    domains.clear();
  }

  return { recordReply: hear, reset: forget };
}

function createDomainHistory(): DomainHistory {
  return { recent: createRecentReplies(), startedAt: -Infinity, answers: 0, rejected: 0 };
}

type DetectedFailure = Omit<NewCircuit, 'transportId' | 'reason'>;

/** The answer that begins an hour is not counted for a storm: it was not drawn by chance, it was the first bad one. */
function addToHistory(track: DomainHistory, answer: ReplyHealth, at: number): void {
  track.recent.add('', answer, at);
  if (at - track.startedAt > HOUR_MS) {
    Object.assign(track, { startedAt: at, answers: 0, rejected: 0 });
    return;
  }
  track.answers += 1;
  if (answer === 'rejected') track.rejected += 1;
}

function detectBounceStorm(track: DomainHistory, domain: string): DetectedFailure | undefined {
  if (!isBounceStorm(track)) return undefined;
  return { domain, kind: 'bounces', replyCount: track.answers, failureCount: track.rejected, closesAt: null };
}

function countFailures(heard: readonly { health: ReplyHealth }[]): {
  replyCount: number;
  failureCount: number;
} {
  return { replyCount: heard.length, failureCount: heard.filter(({ health }) => isFailure(health)).length };
}

/** The two domains that took mail last: whichever one is asked about, there is another. */
function trackAcceptingDomains() {
  let last = { domain: '', at: -Infinity };
  let before = last;
  return {
    took: (domain: string, at: number) => {
      if (domain === last.domain) last.at = at;
      else [before, last] = [last, { domain, at }];
    },
    tookLately: (except: string, at: number) =>
      (last.domain === except ? before : last).at > at - RECENT_ACCEPTANCE_MS,
  };
}
