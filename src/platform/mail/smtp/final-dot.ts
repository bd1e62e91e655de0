import { classifyReply } from '../classify/classify-reply.js';
import { errorToOutcome, type Outcome } from '../classify/outcome.js';
import { pipelinedCommands, type AssignedMessage } from './envelope.js';
import type { SmtpSession } from './session.js';
import { closeStream, nextReply, unexpectedInput, writeBody, writeText } from './smtp-stream.js';

// A server keeps nothing of a message whose final dot never came (RFC 5321 section 4.1.1.4). So a message is `not-sent` as
// long as its dot is held back, and only once the dot is out can its outcome be `uncertain`.

const BLOCK_BYTES = 65_536;

/**
 * Sends the body and holds the final dot back until `beforeFinalDot` of the request has resolved. Undefined: the dot may
 * follow. Otherwise it must not, the connection is of no more use, and the outcome says why.
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

/** The server replied or left although the dot is still to come. */
function replyBeforeDot({ stream }: SmtpSession): Outcome | undefined {
  const input = unexpectedInput(stream);
  if (input === undefined) return undefined;
  if (input.kind === 'lost') return { kind: 'not-sent', reply: input.reason };
  return classifyReply('data', input.code, input.text);
}

/** @param following the message whose MAIL, RCPT and DATA go out in the same write (RFC 2920) */
export function sendFinalDot({ stream }: SmtpSession, following: AssignedMessage | undefined): void {
  if (following === undefined) return writeText(stream, '.\r\n');
  following.envelopeSent = true;
  writeText(stream, `.\r\n${pipelinedCommands(following.commands)}`);
}

/** What became of the message whose final dot is out. Without a reply that can be understood it is `uncertain`. */
export async function readFinalReply({ stream, timeouts }: SmtpSession): Promise<Outcome> {
  const reply = await nextReply(stream, timeouts.finalDot);
  if (reply.kind === 'lost') return { kind: 'uncertain', reply: reply.reason };
  const outcome = classifyReply('final-dot', reply.code, reply.text);
  if (outcome.kind === 'uncertain' || reply.code === 421) closeStream(stream);
  return outcome;
}
