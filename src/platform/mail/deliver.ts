import type { Desk } from './desk.js';
import { nextDispatch, pickAhead, type Dispatch } from './dispatch.js';
import { unnamed } from './envelope.js';
import { allOf, introduce, type Verdict } from './introduce.js';
import { classifyReply, stoppedBy, type Outcome } from './outcome.js';
import type { Session } from './session.js';
import { disturbance, flush, hangUp, nextReply, write } from './wire.js';

// A server forgets a message whose final dot never came, so all doubt is after the dot. That is also why the next message
// may be announced together with the dot (RFC 2920): whatever happens then, the next one has had no dot of its own.

/** The server said yes to an empty message to nobody. */
export type Oddity = 'transport.accepted-for-nobody';

/** Send one message after the other, as long as there are some and the connection is good for them. */
export async function deliverAll(
  session: Session,
  desk: Desk,
  onOddity: (oddity: Oddity) => void,
): Promise<void> {
  let dispatch = await nextDispatch(session, desk);
  while (dispatch !== undefined) {
    session.uses += 1;
    const verdict = await introduce(session, dispatch);
    if (verdict.kind === 'go-ahead') {
      dispatch = await sendContent(session, desk, dispatch);
    } else {
      turnedAway(session, desk, dispatch, verdict);
      if (verdict.kind === 'refused' && verdict.acceptedForNobody) onOddity('transport.accepted-for-nobody');
      dispatch = await nextDispatch(session, desk);
    }
  }
}

/** Body, gate and dot. Resolves with what comes next. */
async function sendContent(session: Session, desk: Desk, dispatch: Dispatch): Promise<Dispatch | undefined> {
  const stopped = await sendBody(session, dispatch);
  if (stopped !== undefined) {
    hangUp(session.wire);
    settle(desk, dispatch, stopped);
    return undefined;
  }
  const ahead = pickAhead(session, desk, dispatch);
  const following = ahead === undefined || 'kind' in ahead ? undefined : ahead;
  sendDot(session, following);
  settle(desk, dispatch, await finalAnswer(session), following);
  session.isNew = false;
  return nextDispatch(session, desk, ahead);
}

/** The body, and the gate. An outcome says why the dot may not follow: the server has nothing then. */
async function sendBody(session: Session, { errand, message }: Dispatch): Promise<Outcome | undefined> {
  const { chunks, length } = message.content;
  await flush(session.wire, chunks, session.timeouts.block * Math.max(1, Math.ceil(length / 65_536)));
  const early = interruption(session);
  if (early !== undefined) return early;
  try {
    return (await errand.posting.beforeDot()) ? interruption(session) : { kind: 'withdrawn' };
  } catch (error) {
    return stoppedBy(error);
  }
}

/** The server spoke or left before the dot. */
function interruption({ wire }: Session): Outcome | undefined {
  const found = disturbance(wire);
  if (found === undefined) return undefined;
  if (found.kind === 'lost') return { kind: 'not-sent', answer: found.reason };
  return classifyReply('data', found.code, found.text);
}

function sendDot({ wire }: Session, following: Dispatch | undefined): void {
  if (following === undefined) return write(wire, '.\r\n');
  following.announced = true;
  write(wire, `.\r\n${allOf(following.introduction)}`);
}

async function finalAnswer(session: Session): Promise<Outcome> {
  const reply = await nextReply(session.wire, session.timeouts.dot);
  if (reply.kind === 'lost') return { kind: 'uncertain', answer: reply.reason };
  const outcome = classifyReply('dot', reply.code, reply.text);
  if (outcome.kind === 'uncertain' || reply.code === 421) hangUp(session.wire);
  return outcome;
}

/** An older connection that ends here was at its end anyway, or had died while it was idle: another one may do. */
function turnedAway(
  session: Session,
  desk: Desk,
  dispatch: Dispatch,
  verdict: Exclude<Verdict, { kind: 'go-ahead' }>,
): void {
  if (verdict.kind === 'refused' || session.isNew) settle(desk, dispatch, verdict.outcome);
  else giveBack(desk, dispatch, verdict.outcome);
  session.isNew = false;
}

function settle(
  desk: Desk,
  { errand, message, domain }: Dispatch,
  outcome: Outcome,
  following?: Dispatch,
): void {
  errand.tell(unnamed(outcome, message.envelope));
  desk.leave(domain, following?.domain);
}

function giveBack(desk: Desk, { errand, message, domain }: Dispatch, outcome: Outcome): void {
  desk.giveBack(errand, unnamed(outcome, message.envelope));
  desk.leave(domain, undefined);
}
