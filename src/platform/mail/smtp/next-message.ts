import { errorToOutcome, type Outcome } from '../classify/outcome.js';
import type { Message } from '../message.js';
import { envelopeCommands, unsendableOutcome, type AssignedMessage } from './envelope.js';
import type { QueuedMessage } from './priority-queue.js';
import type { SendQueue } from './send-queue.js';
import { isUsable, type SmtpSession } from './session.js';

/** A message whose `SendRequest.message` has returned a promise. */
export type PendingMessage = { kind: 'pending'; queued: QueuedMessage; message: Promise<Message | Outcome> };

/**
 * The message that a free connection sends next: the one picked while it was busy, or else the first that can be sent.
 * @param picked what `pickForPipelining` returned
 */
export async function nextMessage(
  session: SmtpSession,
  queue: SendQueue,
  picked?: AssignedMessage | PendingMessage,
): Promise<AssignedMessage | undefined> {
  let found = picked ?? pickForIdle(session, queue);
  while (found !== undefined && 'kind' in found) {
    found = assignMessage(session, queue, found.queued, await found.message) ?? pickForIdle(session, queue);
  }
  return found;
}

/** The message to send after the final dot that is about to be sent, if it is known already. */
export function pickForPipelining(
  session: SmtpSession,
  queue: SendQueue,
  { domain }: AssignedMessage,
): AssignedMessage | PendingMessage | undefined {
  if (!session.extensions.has('PIPELINING') || !isUsable(session)) return undefined;
  return pickFirstSendable(session, queue, () => queue.takeForPipelining(domain), domain);
}

function pickForIdle(session: SmtpSession, queue: SendQueue): AssignedMessage | PendingMessage | undefined {
  return isUsable(session) ? pickFirstSendable(session, queue, queue.take) : undefined;
}

/** Takes the first message that can be sent, and resolves those before it that cannot. */
function pickFirstSendable(
  session: SmtpSession,
  queue: SendQueue,
  take: () => QueuedMessage | undefined,
  currentDomain?: string,
): AssignedMessage | PendingMessage | undefined {
  for (let queued = take(); queued !== undefined; queued = take()) {
    const message = loadMessage(queued);
    if ('then' in message) return { kind: 'pending', queued, message };
    const assigned = assignMessage(session, queue, queued, message, currentDomain);
    if (assigned !== undefined) return assigned;
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

/** Undefined when the message cannot be sent, and is resolved, or has to wait for its domain. */
function assignMessage(
  session: SmtpSession,
  queue: SendQueue,
  queued: QueuedMessage,
  message: Message | Outcome,
  currentDomain?: string,
): AssignedMessage | undefined {
  const unsendable = 'kind' in message ? message : unsendableOutcome(message.envelope, session);
  if (unsendable !== undefined) queued.resolve(unsendable);
  if (unsendable !== undefined || 'kind' in message) return undefined;
  const domain = queue.domainOf(message);
  if (!queue.acquireDomain(queued, domain, currentDomain)) return undefined;
  return { queued, message, domain, commands: envelopeCommands(message, session), envelopeSent: false };
}
