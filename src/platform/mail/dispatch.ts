import type { Desk } from './desk.js';
import { introductionOf, troubleWith, type Introduction } from './envelope.js';
import type { Message } from './message.js';
import { stoppedBy, type Outcome } from './outcome.js';
import type { Errand } from './queue.js';
import { isUsable, type Session } from './session.js';

/** A message that has got its connection. `announced`: MAIL, RCPT and DATA went out together with the dot before. */
export type Dispatch = {
  readonly errand: Errand;
  readonly message: Message;
  readonly domain: string;
  readonly introduction: Introduction;
  announced: boolean;
};

/** The posting needs time to say what to send. */
export type Late = { kind: 'late'; errand: Errand; coming: Promise<Message | Outcome> };

/** What a free connection sends next: what it has picked ahead, or else the first that can be sent. */
export async function nextDispatch(
  session: Session,
  desk: Desk,
  ahead?: Dispatch | Late,
): Promise<Dispatch | undefined> {
  let found = ahead ?? pickNow(session, desk);
  while (found !== undefined && 'kind' in found) {
    found = prepare(session, desk, found.errand, await found.coming) ?? pickNow(session, desk);
  }
  return found;
}

/** What a connection sends after the dot that it is about to send, as far as that is known by now. */
export function pickAhead(session: Session, desk: Desk, { domain }: Dispatch): Dispatch | Late | undefined {
  if (!session.offers.has('PIPELINING') || !isUsable(session)) return undefined;
  return pick(session, desk, () => desk.takeAhead(domain), domain);
}

function pickNow(session: Session, desk: Desk): Dispatch | Late | undefined {
  return isUsable(session) ? pick(session, desk, desk.take) : undefined;
}

/** The first message that can be sent; those before it that cannot are answered. */
function pick(session: Session, desk: Desk, take: () => Errand | undefined, before?: string) {
  for (let errand = take(); errand !== undefined; errand = take()) {
    const message = ask(errand);
    if ('then' in message) return { kind: 'late' as const, errand, coming: message };
    const dispatch = prepare(session, desk, errand, message, before);
    if (dispatch !== undefined) return dispatch;
  }
  return undefined;
}

function ask({ posting }: Errand): Message | Outcome | Promise<Message | Outcome> {
  try {
    const message = posting.message() ?? WITHDRAWN;
    return 'then' in message ? message.then((found) => found ?? WITHDRAWN, stoppedBy) : message;
  } catch (error) {
    return stoppedBy(error);
  }
}

const WITHDRAWN: Outcome = { kind: 'withdrawn' };

function prepare(
  session: Session,
  desk: Desk,
  errand: Errand,
  message: Message | Outcome,
  before?: string,
): Dispatch | undefined {
  const trouble = 'kind' in message ? message : troubleWith(message.envelope, session);
  if (trouble !== undefined) errand.tell(trouble);
  if (trouble !== undefined || 'kind' in message) return undefined;
  const domain = desk.domainOf(message);
  if (!desk.enter(errand, domain, before)) return undefined;
  return { errand, message, domain, introduction: introductionOf(message, session), announced: false };
}
