import type { Context } from '../../src/platform/context.js';
import type { EventClass, EventScope, IncomingEvent } from '../../src/events/event.js';
import { HOUR_MS } from '../../src/platform/durations.js';
import type { Mailed } from './mailed.js';

type Kind = { class: EventClass; scope: EventScope; status?: string; code?: number; weight: number };

/** What comes back, and how often. */
const KINDS: readonly Kind[] = [
  { class: 'soft', scope: 'mailbox', status: '5.2.2', code: 552, weight: 40 },
  { class: 'hard', scope: 'mailbox', status: '5.1.1', code: 550, weight: 6 },
  { class: 'hard', scope: 'mailbox', status: '5.2.1', code: 550, weight: 12 },
  { class: 'hard', scope: 'domain', weight: 4 },
  { class: 'sender-fault', scope: 'us', status: '5.7.1', code: 554, weight: 14 },
  { class: 'delayed', scope: 'mailbox', status: '4.4.7', weight: 10 },
  { class: 'complaint', scope: 'mailbox', weight: 3 },
  { class: 'unsubscribe', scope: 'mailbox', weight: 3 },
  { class: 'auto-reply', scope: 'mailbox', weight: 5 },
  { class: 'none', scope: 'mailbox', weight: 3 },
];
const WEIGHTED = KINDS.flatMap((kind) => Array<Kind>(kind.weight).fill(kind));

/** What has to change nothing: a return path that was made up, and a bounce that names somebody else. */
const FORGED_EVERY = 20;

/** So many different events, in the order in which they happened, by mail and by webhook. */
export function sampleEvents(
  { links }: Pick<Context, 'links'>,
  { digests, readers, now }: Mailed,
  { count, random }: { count: number; random: () => number },
): IncomingEvent[] {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  };
  const events = Array.from({ length: count }, (_, at): IncomingEvent => {
    const [digest, reader, { weight: _weight, ...kind }] = [pick(digests), pick(readers), pick(WEIGHTED)];
    const claims = {
      kind: 'delivery',
      batch: digest.batch,
      subscription: reader.number,
      attempt: 1,
    } as const;
    const returnPath = links.signReturnPath(claims, digest.sentAt);
    const isByMail = now.getTime() - digest.sentAt.getTime() < 6 * 24 * HOUR_MS;
    const isForged = at % FORGED_EVERY === 0;
    return {
      key: `event-${at}`,
      source: isByMail ? 'smtp' : 'mailgun',
      ...kind,
      reason: `552 5.2.2 <${reader.email}> said so`,
      occurredAt: new Date(digest.sentAt.getTime() + random() * HOUR_MS),
      recipient: isForged && at % 2 === 0 ? pick(readers).email : reader.email,
      match: {
        returnPath: isForged && at % 2 === 1 ? `${returnPath.slice(0, -1)}2a` : returnPath,
        messageIds: [],
      },
      isAuthenticated: !isByMail,
    };
  });
  return events.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
}

/** All of them in any order, and a third of them again. */
export function shuffleAndRepeat(events: readonly IncomingEvent[], random: () => number): IncomingEvent[] {
  const all = [...events, ...events.filter(() => random() < 1 / 3)];
  return all
    .map((event) => ({ event, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

/** The same numbers in each run (mulberry32, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
