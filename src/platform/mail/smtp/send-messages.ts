import type { SendQueue } from './send-queue.js';
import { nextMessage, pickForPipelining, type AssignedMessage } from './next-message.js';
import { redactRecipient } from './envelope.js';
import { pipelinedCommands, sendEnvelope, type EnvelopeResult } from './send-envelope.js';
import { classifyReply, errorToOutcome, type Outcome } from '../classify/outcome.js';
import type { SmtpSession } from './session.js';
import { unexpectedInput, writeBody, closeStream, nextReply, writeText } from './smtp-stream.js';

// A server forgets a message whose final dot never came, so all doubt is after the dot. That is also why the next message
// may be announced together with the dot (RFC 2920): whatever happens then, the next one has had no dot of its own.

/** The server said yes to an empty message to nobody. */
export type ProtocolWarning = 'transport.accepted-for-nobody';

/** Send one message after the other, as long as there are some and the connection is good for them. */
export async function sendMessages(
  session: SmtpSession,
  desk: SendQueue,
  onOddity: (oddity: ProtocolWarning) => void,
): Promise<void> {
  let dispatch = await nextMessage(session, desk);
  while (dispatch !== undefined) {
    session.messageCount += 1;
    const verdict = await sendEnvelope(session, dispatch);
    if (verdict.kind === 'go-ahead') {
      dispatch = await sendData(session, desk, dispatch);
    } else {
      handleRefusal(session, desk, dispatch, verdict);
      if (verdict.kind === 'refused' && verdict.acceptedWithoutRecipient)
        onOddity('transport.accepted-for-nobody');
      dispatch = await nextMessage(session, desk);
    }
  }
}

/** Body, gate and dot. Resolves with what comes next. */
async function sendData(
  session: SmtpSession,
  desk: SendQueue,
  dispatch: AssignedMessage,
): Promise<AssignedMessage | undefined> {
  const stopped = await sendBody(session, dispatch);
  if (stopped !== undefined) {
    closeStream(session.stream);
    resolveMessage(desk, dispatch, stopped);
    return undefined;
  }
  const ahead = pickForPipelining(session, desk, dispatch);
  const following = ahead === undefined || 'kind' in ahead ? undefined : ahead;
  sendFinalDot(session, following);
  resolveMessage(desk, dispatch, await readFinalReply(session), following);
  session.isNew = false;
  return nextMessage(session, desk, ahead);
}

/** The body, and the gate. An outcome says why the dot may not follow: the server has nothing then. */
async function sendBody(
  session: SmtpSession,
  { queued, message }: AssignedMessage,
): Promise<Outcome | undefined> {
  const { chunks, length } = message.content;
  await writeBody(session.stream, chunks, session.timeouts.block * Math.max(1, Math.ceil(length / 65_536)));
  const early = replyBeforeDot(session);
  if (early !== undefined) return early;
  try {
    return (await queued.request.beforeDot()) ? replyBeforeDot(session) : { kind: 'withdrawn' };
  } catch (error) {
    return errorToOutcome(error);
  }
}

/** The server spoke or left before the dot. */
function replyBeforeDot({ stream }: SmtpSession): Outcome | undefined {
  const found = unexpectedInput(stream);
  if (found === undefined) return undefined;
  if (found.kind === 'lost') return { kind: 'not-sent', reply: found.reason };
  return classifyReply('data', found.code, found.text);
}

function sendFinalDot({ stream }: SmtpSession, following: AssignedMessage | undefined): void {
  if (following === undefined) return writeText(stream, '.\r\n');
  following.envelopeSent = true;
  writeText(stream, `.\r\n${pipelinedCommands(following.commands)}`);
}

async function readFinalReply(session: SmtpSession): Promise<Outcome> {
  const reply = await nextReply(session.stream, session.timeouts.dot);
  if (reply.kind === 'lost') return { kind: 'uncertain', reply: reply.reason };
  const outcome = classifyReply('dot', reply.code, reply.text);
  if (outcome.kind === 'uncertain' || reply.code === 421) closeStream(session.stream);
  return outcome;
}

/** An older connection that ends here was at its end anyway, or had died while it was idle: another one may do. */
function handleRefusal(
  session: SmtpSession,
  desk: SendQueue,
  dispatch: AssignedMessage,
  verdict: Exclude<EnvelopeResult, { kind: 'go-ahead' }>,
): void {
  if (verdict.kind === 'refused' || session.isNew) resolveMessage(desk, dispatch, verdict.outcome);
  else requeueMessage(desk, dispatch, verdict.outcome);
  session.isNew = false;
}

function resolveMessage(
  desk: SendQueue,
  { queued, message, domain }: AssignedMessage,
  outcome: Outcome,
  following?: AssignedMessage,
): void {
  queued.resolve(redactRecipient(outcome, message.envelope));
  desk.releaseDomain(domain, following?.domain);
}

function requeueMessage(
  desk: SendQueue,
  { queued, message, domain }: AssignedMessage,
  outcome: Outcome,
): void {
  desk.requeue(queued, redactRecipient(outcome, message.envelope));
  desk.releaseDomain(domain, undefined);
}
