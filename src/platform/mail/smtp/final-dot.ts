import { classifyReply } from '../classify/classify-reply.js';
import { errorToOutcome, type Outcome } from '../classify/outcome.js';
import { pipelinedCommands, type AssignedMessage } from './envelope.js';
import type { SmtpSession } from './session.js';
import { closeStream, nextReply, unexpectedInput, writeBody, writeText } from './smtp-stream.js';

// A server processes a message only once it has the final dot (RFC 5321 section 4.1.1.4). So a message is `not-sent` while its
// dot is held back, and its outcome can be `uncertain` only after the dot was sent.

const BLOCK_BYTES = 65_536;

/**
 * Sends the body and waits for the request's `beforeFinalDot`. Undefined: the dot may be sent. An outcome: it must not, and the
 * connection cannot be used any more.
 */
export async function sendBody(
  session: SmtpSession,
  { queued, message }: AssignedMessage,
): Promise<Outcome | undefined> {
  const { chunks, length } = message.content;
  const blocks = Math.max(1, Math.ceil(length / BLOCK_BYTES));
  await writeBody(session.stream, chunks, session.timeouts.block * blocks);
  const early = replyBeforeDot(session);
  if (early !== undefined) return early;
  try {
    return (await queued.request.beforeFinalDot()) ? replyBeforeDot(session) : WITHDRAWN;
  } catch (error) {
    return errorToOutcome(error);
  }
}

const WITHDRAWN: Outcome = { kind: 'withdrawn' };

/** The outcome when the server replied or disconnected before the dot was sent. */
function replyBeforeDot({ stream }: SmtpSession): Outcome | undefined {
  const input = unexpectedInput(stream);
  if (input === undefined) return undefined;
  if (input.kind === 'lost') return { kind: 'not-sent', reply: input.reason };
  return classifyReply('data', input.code, input.text);
}

/** @param following the message whose MAIL, RCPT and DATA are sent in the same write (RFC 2920) */
export function sendFinalDot({ stream }: SmtpSession, following: AssignedMessage | undefined): void {
  if (following === undefined) return writeText(stream, '.\r\n');
  following.envelopeSent = true;
  writeText(stream, `.\r\n${pipelinedCommands(following.commands)}`);
}

/** The outcome of the message whose final dot was sent: `uncertain` without a valid reply. */
export async function readFinalReply({ stream, timeouts }: SmtpSession): Promise<Outcome> {
  const reply = await nextReply(stream, timeouts.finalDot);
  if (reply.kind === 'lost') return { kind: 'uncertain', reply: reply.reason };
  const outcome = classifyReply('final-dot', reply.code, reply.text);
  if (outcome.kind === 'uncertain' || reply.code === 421) closeStream(stream);
  return outcome;
}
