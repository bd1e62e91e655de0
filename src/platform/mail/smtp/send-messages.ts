import type { Outcome } from '../classify/outcome.js';
import { redactRecipient, type AssignedMessage } from './envelope.js';
import { readFinalReply, sendBody, sendFinalDot } from './final-dot.js';
import { nextMessage, pickForPipelining } from './next-message.js';
import { sendEnvelope, type EnvelopeResult } from './send-envelope.js';
import type { SendQueue } from './send-queue.js';
import type { SmtpSession } from './session.js';
import { closeStream } from './smtp-stream.js';

/** The server accepted an empty message without recipients (see `resetAfterRefusal`). */
export type ProtocolWarning = 'transport.accepted-without-recipient';

/** Sends messages over one connection, one after the other, until there is none or the connection cannot be used. */
export async function sendMessages(
  session: SmtpSession,
  queue: SendQueue,
  onProtocolWarning: (warning: ProtocolWarning) => void,
): Promise<void> {
  let assigned = await nextMessage(session, queue);
  while (assigned !== undefined) {
    session.messageCount += 1;
    const result = await sendEnvelope(session, assigned);
    if (result.kind === 'ready-for-data') {
      assigned = await sendData(session, queue, assigned);
    } else {
      handleRefusal(session, queue, assigned, result);
      if (result.kind === 'refused' && result.acceptedWithoutRecipient)
        onProtocolWarning('transport.accepted-without-recipient');
      assigned = await nextMessage(session, queue);
    }
  }
}

/**
 * Sends body and final dot. Resolves with the next message: if it is known by then, its envelope is sent together with the dot.
 * That is no risk for the next message, whose own dot is not sent.
 */
async function sendData(
  session: SmtpSession,
  queue: SendQueue,
  assigned: AssignedMessage,
): Promise<AssignedMessage | undefined> {
  const stopped = await sendBody(session, assigned);
  if (stopped !== undefined) {
    closeStream(session.stream);
    resolveMessage(queue, assigned, stopped);
    return undefined;
  }
  const picked = pickForPipelining(session, queue, assigned);
  const following = picked === undefined || 'kind' in picked ? undefined : picked;
  sendFinalDot(session, following);
  resolveMessage(queue, assigned, await readFinalReply(session), following);
  session.isNew = false;
  return nextMessage(session, queue, picked);
}

/**
 * When a connection that was used before ends here, its end is not about this message, which goes back to the queue for another
 * connection.
 */
function handleRefusal(
  session: SmtpSession,
  queue: SendQueue,
  assigned: AssignedMessage,
  { kind, outcome }: Exclude<EnvelopeResult, { kind: 'ready-for-data' }>,
): void {
  if (kind === 'refused' || session.isNew) resolveMessage(queue, assigned, outcome);
  else requeueMessage(queue, assigned, outcome);
  session.isNew = false;
}

function resolveMessage(
  queue: SendQueue,
  { queued, message, domain }: AssignedMessage,
  outcome: Outcome,
  following?: AssignedMessage,
): void {
  queued.resolve(redactRecipient(outcome, message.envelope));
  queue.releaseDomain(domain, following?.domain);
}

function requeueMessage(
  queue: SendQueue,
  { queued, message, domain }: AssignedMessage,
  outcome: Outcome,
): void {
  queue.requeue(queued, redactRecipient(outcome, message.envelope));
  queue.releaseDomain(domain, undefined);
}
