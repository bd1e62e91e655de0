import type { Dispatch } from './dispatch.js';
import type { Introduction } from './envelope.js';
import { classifyReply, type Outcome } from './outcome.js';
import type { Reply } from './replies.js';
import type { Session } from './session.js';
import { hangUp, nextReply, write, type Lost } from './wire.js';

/**
 * What the server thinks of MAIL, RCPT and DATA. 'go-ahead': it waits for the body. 'gone': the connection is of no more
 * use, which need not have to do with this message. 'refused': and the connection goes on, unless it is lost.
 */
export type Verdict =
  | { kind: 'go-ahead' }
  | { kind: 'gone'; outcome: Outcome }
  | { kind: 'refused'; outcome: Outcome; acceptedForNobody: boolean };

const STAGES = ['mail', 'rcpt', 'data'] as const;
type Stage = (typeof STAGES)[number];
type Refusal = { stage: Stage; outcome: Outcome };

/** All three in one go where the server takes it (RFC 2920), else one by one. */
export async function introduce(
  session: Session,
  { introduction, announced }: Pick<Dispatch, 'introduction' | 'announced'>,
): Promise<Verdict> {
  const { wire, timeouts } = session;
  const pipelining = session.offers.has('PIPELINING');
  if (pipelining && !announced) write(wire, allOf(introduction));
  let refusal: Refusal | undefined;
  for (const stage of STAGES) {
    if (!pipelining) write(wire, introduction[stage]);
    const reply = await nextReply(wire, stage === 'data' ? timeouts.data : timeouts.command);
    if (reply.kind === 'lost' || reply.code === 421) return endedAt(session, stage, reply, refusal);
    refusal ??= refusalAt(stage, reply);
    if (refusal !== undefined && (!pipelining || stage === 'data')) return settle(session, refusal, reply);
  }
  return wire.lost === undefined ? GO_AHEAD : endedAt(session, 'data', wire.lost);
}

/** As they go out in one group. */
export function allOf({ mail, rcpt, data }: Introduction): string {
  return mail + rcpt + data;
}

const GO_AHEAD: Verdict = { kind: 'go-ahead' };

function endedAt({ wire }: Session, stage: Stage, end: Reply | Lost, refusal?: Refusal): Verdict {
  hangUp(wire);
  if (refusal !== undefined) return refused(refusal.outcome);
  if (end.kind === 'reply') return { kind: 'gone', outcome: classifyReply(stage, end.code, end.text) };
  return { kind: 'gone', outcome: { kind: 'not-sent', answer: end.reason } };
}

function refusalAt(stage: Stage, reply: Reply): Refusal | undefined {
  const wanted = stage === 'data' ? 3 : 2;
  if (Math.trunc(reply.code / 100) === wanted) return undefined;
  return { stage, outcome: classifyReply(stage, reply.code, reply.text) };
}

/**
 * Leave the connection ready for the next message. When DATA was taken without a recipient, an empty message to nobody
 * ends it. A server that takes DATA without a sender, or says yes instead of "go on", is not to be trusted with that.
 */
async function settle(
  { wire, timeouts }: Session,
  { stage, outcome }: Refusal,
  last: Reply,
): Promise<Verdict> {
  const dataTaken = stage !== 'data' && last.code >= 300 && last.code < 400;
  const isOutOfStep = (dataTaken && stage === 'mail') || last.code < 300;
  if (isOutOfStep) hangUp(wire);
  write(wire, dataTaken ? '.\r\nRSET\r\n' : 'RSET\r\n');
  const dot = dataTaken ? await nextReply(wire, timeouts.dot) : undefined;
  const reset = await nextReply(wire, timeouts.command);
  if (reset.kind === 'lost' || reset.code !== 250) hangUp(wire);
  return refused(outcome, dot?.kind === 'reply' && dot.code < 300);
}

function refused(outcome: Outcome, acceptedForNobody = false): Verdict {
  return { kind: 'refused', outcome, acceptedForNobody };
}
