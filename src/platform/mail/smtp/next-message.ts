import type { SendQueue } from './send-queue.js';
import { envelopeCommands, unsendableOutcome, type EnvelopeCommands } from './envelope.js';
import type { Message } from '../message.js';
import { errorToOutcome, type Outcome } from '../classify/outcome.js';
import type { QueuedMessage } from './priority-queue.js';
import { isUsable, type SmtpSession } from './session.js';

/** A message that has got its connection. `announced`: MAIL, RCPT and DATA went out together with the dot before. */
export type AssignedMessage = {
  readonly queued: QueuedMessage;
  readonly message: Message;
  readonly domain: string;
  readonly commands: EnvelopeCommands;
  envelopeSent: boolean;
};

/** The posting needs time to say what to send. */
export type PendingMessage = { kind: 'late'; queued: QueuedMessage; pending: Promise<Message | Outcome> };

/** What a free connection sends next: what it has picked ahead, or else the first that can be sent. */
export async function nextMessage(
  session: SmtpSession,
  desk: SendQueue,
  ahead?: AssignedMessage | PendingMessage,
): Promise<AssignedMessage | undefined> {
  let found = ahead ?? pickForIdle(session, desk);
  while (found !== undefined && 'kind' in found) {
    found = assignMessage(session, desk, found.queued, await found.pending) ?? pickForIdle(session, desk);
  }
  return found;
}

/** What a connection sends after the dot that it is about to send, as far as that is known by now. */
export function pickForPipelining(
  session: SmtpSession,
  desk: SendQueue,
  { domain }: AssignedMessage,
): AssignedMessage | PendingMessage | undefined {
  if (!session.extensions.has('PIPELINING') || !isUsable(session)) return undefined;
  return pickFirstSendable(session, desk, () => desk.takeForPipelining(domain), domain);
}

function pickForIdle(session: SmtpSession, desk: SendQueue): AssignedMessage | PendingMessage | undefined {
  return isUsable(session) ? pickFirstSendable(session, desk, desk.take) : undefined;
}

/** The first message that can be sent; those before it that cannot are answered. */
function pickFirstSendable(
  session: SmtpSession,
  desk: SendQueue,
  take: () => QueuedMessage | undefined,
  before?: string,
) {
  for (let errand = take(); errand !== undefined; errand = take()) {
    const message = loadMessage(errand);
    if ('then' in message) return { kind: 'late' as const, queued: errand, pending: message };
    const dispatch = assignMessage(session, desk, errand, message, before);
    if (dispatch !== undefined) return dispatch;
  }
  return undefined;
}

function loadMessage({ request }: QueuedMessage): Message | Outcome | Promise<Message | Outcome> {
  try {
    const message = request.message() ?? WITHDRAWN;
    return 'then' in message ? message.then((found) => found ?? WITHDRAWN, errorToOutcome) : message;
  } catch (error) {
    return errorToOutcome(error);
  }
}

const WITHDRAWN: Outcome = { kind: 'withdrawn' };

function assignMessage(
  session: SmtpSession,
  desk: SendQueue,
  errand: QueuedMessage,
  message: Message | Outcome,
  before?: string,
): AssignedMessage | undefined {
  const trouble = 'kind' in message ? message : unsendableOutcome(message.envelope, session);
  if (trouble !== undefined) errand.resolve(trouble);
  if (trouble !== undefined || 'kind' in message) return undefined;
  const domain = desk.domainOf(message);
  if (!desk.acquireDomain(errand, domain, before)) return undefined;
  return {
    queued: errand,
    message,
    domain,
    commands: envelopeCommands(message, session),
    envelopeSent: false,
  };
}
