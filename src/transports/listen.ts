import { answerOf, type Answer } from './answer.js';
import {
  isBounceStorm,
  isTrouble,
  serverTrouble,
  troubleIn,
  tryAgainAt,
  WHOLE_SERVER,
  type NewCircuit,
} from './circuit.js';
import { createRecent, HOUR_MS, type Recent } from './recent.js';
import type { Outcome } from '../platform/mail/outcome.js';

/** What one worker has lately heard from one server. It is forgotten with the worker: twenty answers are soon had again. */
export type Listener = {
  /** Takes in one answer; says what has to be opened because of it, which is nearly always nothing. */
  hear(domain: string, outcome: Outcome, now: Date): NewCircuit | undefined;
  /** A circuit is open: what led to it must not open it again when it closes. */
  forget(domain: string): void;
};

/** Answers of one domain, from its first trouble on. */
type DomainTrack = { recent: Recent; since: number; answers: number; rejected: number };

/** Domains with trouble that are remembered: those with the latest. Where all goes well nothing is kept at all. */
const MOST_DOMAINS = 500;
/** Mail taken then says nothing about now. */
const LATELY_MS = 600_000;

export function createListener(transportId: number): Listener {
  let recent = createRecent();
  const domains = new Map<string, DomainTrack>();
  const takers = rememberTakers();

  function hear(domain: string, outcome: Outcome, now: Date): NewCircuit | undefined {
    const answer = answerOf(outcome);
    if (answer === undefined) return undefined;
    const at = now.getTime();
    recent.hear(domain, answer, at);
    if (answer === 'fine') {
      takers.took(domain, at);
      const known = domains.get(domain);
      if (known !== undefined) follow(known, answer, at);
      return undefined;
    }
    const track = trackOf(domain);
    follow(track, answer, at);
    const found = isTrouble(answer) ? trouble(track, domain, answer, now) : storm(track, domain);
    if (found === undefined) return undefined;
    forget(found.domain);
    return { transportId, reason: 'answer' in outcome ? outcome.answer : '', ...found };
  }

  function trouble(track: DomainTrack, domain: string, answer: Answer, now: Date): Found | undefined {
    const at = now.getTime();
    const all = recent.list(at);
    const whole = serverTrouble(all, (except) => takers.tookLately(except, at));
    // The words that are kept are those of this answer: it has to be of the kind that opens.
    if (whole === answer) {
      const closesAt = whole === 'refused' ? null : tryAgainAt(whole, 1, now);
      return { domain: WHOLE_SERVER, kind: whole, ...countsOf(all), closesAt };
    }
    const own = track.recent.list(at);
    const kind = troubleIn(own.map((one) => one.answer));
    if (kind === undefined || kind !== answer) return undefined;
    return { domain, kind, ...countsOf(own), closesAt: tryAgainAt(kind, 1, now) };
  }

  /** The domain with the latest trouble is the last of the map; the first goes when there are too many. */
  function trackOf(domain: string): DomainTrack {
    const track = domains.get(domain) ?? newTrack();
    domains.delete(domain);
    domains.set(domain, track);
    const [oldest] = domains.size > MOST_DOMAINS ? domains.keys() : [];
    if (oldest !== undefined) domains.delete(oldest);
    return track;
  }

  function forget(domain: string): void {
    if (domain !== WHOLE_SERVER) return void domains.delete(domain);
    recent = createRecent();
    domains.clear();
  }

  return { hear, forget };
}

function newTrack(): DomainTrack {
  return { recent: createRecent(), since: -Infinity, answers: 0, rejected: 0 };
}

type Found = Omit<NewCircuit, 'transportId' | 'reason'>;

/** The answer that begins an hour is not counted for a storm: it was not drawn by chance, it was the first bad one. */
function follow(track: DomainTrack, answer: Answer, at: number): void {
  track.recent.hear('', answer, at);
  if (at - track.since > HOUR_MS) {
    Object.assign(track, { since: at, answers: 0, rejected: 0 });
    return;
  }
  track.answers += 1;
  if (answer === 'rejected') track.rejected += 1;
}

function storm(track: DomainTrack, domain: string): Found | undefined {
  if (!isBounceStorm(track)) return undefined;
  return { domain, kind: 'bounces', answers: track.answers, against: track.rejected, closesAt: null };
}

function countsOf(heard: readonly { answer: Answer }[]): { answers: number; against: number } {
  return { answers: heard.length, against: heard.filter(({ answer }) => isTrouble(answer)).length };
}

/** The two domains that took mail last: whichever one is asked about, there is another. */
function rememberTakers() {
  let last = { domain: '', at: -Infinity };
  let before = last;
  return {
    took: (domain: string, at: number) => {
      if (domain === last.domain) last.at = at;
      else [before, last] = [last, { domain, at }];
    },
    tookLately: (except: string, at: number) => (last.domain === except ? before : last).at > at - LATELY_MS,
  };
}
