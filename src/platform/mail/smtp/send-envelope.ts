import { classifyReply } from '../classify/classify-reply.js';
import type { Outcome } from '../classify/outcome.js';
import { pipelinedCommands, type AssignedMessage } from './envelope.js';
import type { Reply } from './reply-reader.js';
import type { SmtpSession } from './session.js';
import { closeStream, nextReply, writeText, type ConnectionLost } from './smtp-stream.js';

/** What came of MAIL, RCPT and DATA. */
export type EnvelopeResult =
  /** The server waits for the body. */
  | { kind: 'ready-for-data' }
  /** The connection was closed, perhaps for a reason that has nothing to do with this message. */
  | { kind: 'connection-ended'; outcome: Outcome }
  /** The message was refused. The connection can be used for the next one, unless it was lost meanwhile. */
  | { kind: 'refused'; outcome: Outcome; acceptedWithoutRecipient: boolean };

const ENVELOPE_STAGES = ['mail', 'rcpt', 'data'] as const;
type EnvelopeStage = (typeof ENVELOPE_STAGES)[number];
type Refusal = { stage: EnvelopeStage; outcome: Outcome };

/** Sends MAIL, RCPT and DATA and reads their replies: in one group where the server offers PIPELINING, else one by one. */
export async function sendEnvelope(
  session: SmtpSession,
  { commands, envelopeSent }: AssignedMessage,
): Promise<EnvelopeResult> {
  const { stream, timeouts } = session;
  const pipelining = session.extensions.has('PIPELINING');
  if (pipelining && !envelopeSent) writeText(stream, pipelinedCommands(commands));
  let refusal: Refusal | undefined;
  for (const stage of ENVELOPE_STAGES) {
    if (!pipelining) writeText(stream, commands[stage]);
    const reply = await nextReply(stream, stage === 'data' ? timeouts.data : timeouts.command);
    if (reply.kind === 'lost' || reply.code === 421) return connectionEnded(session, stage, reply, refusal);
    refusal ??= refusalAt(stage, reply);
    if (refusal !== undefined && (!pipelining || stage === 'data'))
      return resetAfterRefusal(session, refusal, reply);
  }
  return stream.lost === undefined ? READY_FOR_DATA : connectionEnded(session, 'data', stream.lost);
}

const READY_FOR_DATA: EnvelopeResult = { kind: 'ready-for-data' };

function connectionEnded(
  { stream }: SmtpSession,
  stage: EnvelopeStage,
  end: Reply | ConnectionLost,
  refusal?: Refusal,
): EnvelopeResult {
  closeStream(stream);
  if (refusal !== undefined) return refusedResult(refusal.outcome);
  if (end.kind === 'lost')
    return { kind: 'connection-ended', outcome: { kind: 'not-sent', reply: end.reason } };
  return { kind: 'connection-ended', outcome: classifyReply(stage, end.code, end.text) };
}

function refusalAt(stage: EnvelopeStage, reply: Reply): Refusal | undefined {
  const expectedClass = stage === 'data' ? 3 : 2;
  if (Math.trunc(reply.code / 100) === expectedClass) return undefined;
  return { stage, outcome: classifyReply(stage, reply.code, reply.text) };
}

/**
 * Makes the connection ready for the next message. When the server accepted a pipelined DATA without a recipient, an
 * empty message without recipients ends it (RFC 2920 section 3.1). The connection is closed instead when the server
 * accepted DATA without a sender, or replied 2xx to DATA: then its replies do not belong to our commands.
 */
async function resetAfterRefusal(
  { stream, timeouts }: SmtpSession,
  { stage, outcome }: Refusal,
  last: Reply,
): Promise<EnvelopeResult> {
  const dataAccepted = stage !== 'data' && last.code >= 300 && last.code < 400;
  const isOutOfStep = (dataAccepted && stage === 'mail') || last.code < 300;
  if (isOutOfStep) closeStream(stream);
  writeText(stream, dataAccepted ? '.\r\nRSET\r\n' : 'RSET\r\n');
  const dotReply = dataAccepted ? await nextReply(stream, timeouts.finalDot) : undefined;
  const resetReply = await nextReply(stream, timeouts.command);
  if (resetReply.kind === 'lost' || resetReply.code !== 250) closeStream(stream);
  return refusedResult(outcome, dotReply?.kind === 'reply' && dotReply.code < 300);
}

function refusedResult(outcome: Outcome, acceptedWithoutRecipient = false): EnvelopeResult {
  return { kind: 'refused', outcome, acceptedWithoutRecipient };
}
