import { createDomainLimit, type DomainLimit } from './domain-limit.js';
import { recipientDomain } from './envelope.js';
import type { Message, Posting } from './message.js';
import type { Outcome } from './outcome.js';
import { createQueue, type Errand, type Queue } from './queue.js';

/** All that waits for a connection to one server. */
export type Desk = {
  post(posting: Posting): Promise<Outcome>;
  /** How many a free connection could begin. */
  waiting(): number;
  /** What a free connection does next. */
  take(): Errand | undefined;
  /** What a connection busy with this domain may announce before it is free: nothing that another could begin at once. */
  takeAhead(domain: string): Errand | undefined;
  /** The recipient's domain; the empty one where domains do not matter. */
  domainOf(message: Message): string;
  /** False when it may not begin now. `before` is the domain that the connection is busy with. */
  enter(errand: Errand, domain: string, before: string | undefined): boolean;
  /** The connection is done with this domain, and busy with `after` already. */
  leave(domain: string, after: string | undefined): void;
  /** The connection failed before the server could have taken it. `outcome` is for when that keeps happening. */
  giveBack(errand: Errand, outcome: Outcome): void;
  answerAll(outcome: Outcome): void;
  /** From now on everything is answered that it was not sent. */
  close(): void;
};

export type DeskOptions = {
  /** Connections at once that may be busy with one recipient domain. */
  domainConnections: number | undefined;
  /** How many connections are being made. */
  beingMade: () => number;
  /** Called when there is more to begin. */
  onMore: () => void;
};

type State = DeskOptions & { readonly queue: Queue; readonly domains: DomainLimit; closed: boolean };

const STOPPED: Outcome = { kind: 'not-sent', answer: 'Sending was stopped.' };
/** A connection may fail before it has begun a message; this often under the same one, and it is no longer bad luck. */
const MOST_RETURNS = 5;

export function createDesk(options: DeskOptions): Desk {
  const domains = createDomainLimit(options.domainConnections ?? Infinity);
  const state: State = { ...options, queue: createQueue(), domains, closed: false };
  return {
    post: (posting) => new Promise((tell) => post(state, posting, tell)),
    waiting: () => state.queue.size,
    take: () => state.queue.take(),
    takeAhead: (domain) => takeAhead(state, domain),
    domainOf: ({ envelope }) => (options.domainConnections === undefined ? '' : recipientDomain(envelope)),
    enter: (errand, domain, before) => enter(state, errand, domain, before),
    leave: (domain, after) => leave(state, domain, after),
    giveBack: (errand, outcome) => giveBack(state, errand, outcome),
    answerAll: (outcome) => answerAll(state, outcome),
    close: () => {
      state.closed = true;
      answerAll(state, STOPPED);
    },
  };
}

function post({ closed, queue, onMore }: State, posting: Posting, tell: Errand['tell']): void {
  if (closed) return tell(STOPPED);
  queue.add({ posting, tell, returns: 0, behind: undefined });
  onMore();
}

/** The connections being made will each begin one of those in the queue; those put aside wait for this very domain. */
function takeAhead({ queue, domains, beingMade }: State, domain: string): Errand | undefined {
  const canSpare = queue.size > beingMade();
  if (canSpare && queue.hasUrgent()) return queue.take();
  return domains.take(domain) ?? (canSpare ? queue.take() : undefined);
}

function enter(
  { closed, domains }: State,
  errand: Errand,
  domain: string,
  before: string | undefined,
): boolean {
  if (closed) errand.tell(STOPPED);
  return !closed && domains.enter(errand, domain, before);
}

function leave({ domains, queue, onMore }: State, domain: string, after: string | undefined): void {
  const freed = domains.leave(domain, after) ? domains.take(domain) : undefined;
  if (freed === undefined) return;
  queue.addFirst(freed);
  onMore();
}

function giveBack({ closed, queue, onMore }: State, errand: Errand, outcome: Outcome): void {
  errand.returns += 1;
  if (closed) return errand.tell(STOPPED);
  if (errand.returns > MOST_RETURNS) return errand.tell(outcome);
  queue.addFirst(errand);
  onMore();
}

function answerAll({ queue, domains }: State, outcome: Outcome): void {
  for (let errand = queue.take(); errand !== undefined; errand = queue.take()) errand.tell(outcome);
  for (let errand = domains.takeAny(); errand !== undefined; errand = domains.takeAny()) errand.tell(outcome);
}
