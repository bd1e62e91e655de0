import type { AssignedMessage } from './next-message.js';
import type { EnvelopeCommands } from './envelope.js';
import { classifyReply, type Outcome } from '../classify/outcome.js';
import type { Reply } from './reply-reader.js';
import type { SmtpSession } from './session.js';
import { closeStream, nextReply, writeText, type ConnectionLost } from './smtp-stream.js';

/**
 * What the server thinks of MAIL, RCPT and DATA. 'go-ahead': it waits for the body. 'gone': the connection is of no more
 * use, which need not have to do with this message. 'refused': and the connection goes on, unless it is lost.
 */
export type EnvelopeResult =
  | { kind: 'go-ahead' }
  | { kind: 'gone'; outcome: Outcome }
  | { kind: 'refused'; outcome: Outcome; acceptedWithoutRecipient: boolean };

const ENVELOPE_STAGES = ['mail', 'rcpt', 'data'] as const;
type EnvelopeStage = (typeof ENVELOPE_STAGES)[number];
type Refusal = { stage: EnvelopeStage; outcome: Outcome };

/** All three in one go where the server takes it (RFC 2920), else one by one. */
export async function sendEnvelope(
  session: SmtpSession,
  { commands, envelopeSent }: Pick<AssignedMessage, 'commands' | 'envelopeSent'>,
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
  return stream.lost === undefined ? GO_AHEAD : connectionEnded(session, 'data', stream.lost);
}

/** As they go out in one group. */
export function pipelinedCommands({ mail, rcpt, data }: EnvelopeCommands): string {
  return mail + rcpt + data;
}

const GO_AHEAD: EnvelopeResult = { kind: 'go-ahead' };

function connectionEnded(
  { stream }: SmtpSession,
  stage: EnvelopeStage,
  end: Reply | ConnectionLost,
  refusal?: Refusal,
): EnvelopeResult {
  closeStream(stream);
  if (refusal !== undefined) return refusedResult(refusal.outcome);
  if (end.kind === 'reply') return { kind: 'gone', outcome: classifyReply(stage, end.code, end.text) };
  return { kind: 'gone', outcome: { kind: 'not-sent', reply: end.reason } };
}

function refusalAt(stage: EnvelopeStage, reply: Reply): Refusal | undefined {
  const wanted = stage === 'data' ? 3 : 2;
  if (Math.trunc(reply.code / 100) === wanted) return undefined;
  return { stage, outcome: classifyReply(stage, reply.code, reply.text) };
}

/**
 * Leave the connection ready for the next message. When DATA was taken without a recipient, an empty message to nobody
 * ends it. A server that takes DATA without a sender, or says yes instead of "go on", is not to be trusted with that.
 */
async function resetAfterRefusal(
  { stream, timeouts }: SmtpSession,
  { stage, outcome }: Refusal,
  last: Reply,
): Promise<EnvelopeResult> {
  const dataTaken = stage !== 'data' && last.code >= 300 && last.code < 400;
  const isOutOfStep = (dataTaken && stage === 'mail') || last.code < 300;
  if (isOutOfStep) closeStream(stream);
  writeText(stream, dataTaken ? '.\r\nRSET\r\n' : 'RSET\r\n');
  const dot = dataTaken ? await nextReply(stream, timeouts.dot) : undefined;
  const reset = await nextReply(stream, timeouts.command);
  if (reset.kind === 'lost' || reset.code !== 250) closeStream(stream);
  return refusedResult(outcome, dot?.kind === 'reply' && dot.code < 300);
}

function refusedResult(outcome: Outcome, acceptedForNobody = false): EnvelopeResult {
  return { kind: 'refused', outcome, acceptedWithoutRecipient: acceptedForNobody };
}
