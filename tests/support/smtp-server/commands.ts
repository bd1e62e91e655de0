import { isOver, performReply, sendReply, writeLine } from './replies.js';
import { removeSession, type ServerState, type SmtpSession } from './state.js';

export async function handleCommand(state: ServerState, session: SmtpSession, line: string): Promise<void> {
  const address = Buffer.from(/<(.*)>/.exec(line)?.[1] ?? '', 'latin1').toString('utf8');
  switch (line.slice(0, 4).toUpperCase()) {
    case 'EHLO':
      return sendReply(state, session, 'ehlo', ehloReply(state.extensions));
    case 'MAIL':
      return mail(state, session, address);
    case 'RCPT':
      return rcpt(state, session, address);
    case 'DATA':
      return data(state, session);
    case 'RSET':
      resetEnvelope(session);
      return sendReply(state, session, 'rset', '250 2.0.0 Reset');
    case 'NOOP':
      return sendReply(state, session, 'noop', '250 2.0.0 Fine');
    case 'QUIT':
      removeSession(state, session);
      await sendReply(state, session, 'quit', '221 2.0.0 Bye');
      return void session.socket.end();
    default:
      return writeLine(session, '502 5.5.1 Unknown command');
  }
}

function ehloReply(extensions: string[]): string {
  const lines = ['mail.test', ...extensions];
  return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
}

async function mail(state: ServerState, session: SmtpSession, address: string): Promise<void> {
  if (session.from !== undefined) return writeLine(session, '503 5.5.1 Nested MAIL command');
  await sendReply(state, session, 'mail', '250 2.1.0 Ok', address, () => {
    session.from = address;
  });
}

async function rcpt(state: ServerState, session: SmtpSession, address: string): Promise<void> {
  if (session.from === undefined) return writeLine(session, '503 5.5.1 Need MAIL command');
  await sendReply(state, session, 'rcpt', '250 2.1.5 Ok', address, () => {
    session.to.push(address);
  });
}

async function data(state: ServerState, session: SmtpSession): Promise<void> {
  const scripted = await state.script('data', session.to[0] ?? '');
  if (scripted === undefined && session.to.length === 0)
    return writeLine(session, '554 5.5.1 No valid recipients');
  performReply(session, scripted ?? '354 End data with <CR><LF>.<CR><LF>');
  if (scripted === undefined || scripted.startsWith('3')) session.body = '';
}

/** Reads what has come of a body. Answers whether its final dot was among it. */
export async function receiveBody(state: ServerState, session: SmtpSession): Promise<boolean> {
  if (session.rest === '') return false;
  const isFirst = session.body === '';
  const all = (session.body ?? '') + session.rest;
  session.rest = '';
  session.body = all;
  const scripted = isFirst ? await state.script('body', session.to[0] ?? '') : undefined;
  if (scripted !== undefined) performReply(session, scripted);
  const dot = `\r\n${all}`.indexOf('\r\n.\r\n');
  if (dot < 0 || isOver(session)) return false;
  session.body = undefined;
  session.rest = all.slice(dot + 3);
  await finishMessage(state, session, all.slice(0, dot));
  return true;
}

async function finishMessage(state: ServerState, session: SmtpSession, body: string): Promise<void> {
  const { from = '', to } = session;
  const raw = Buffer.from(body.replace(/(^|\r\n)\.\./g, '$1.'), 'latin1');
  const answer = (await state.script('dot', to[0] ?? '')) ?? '250 2.0.0 Ok: queued as TEST';
  if (answer === 'hang-up-accepted' || answer.startsWith('2')) {
    for (const one of to) state.messages.push({ from, to: one, raw, at: new Date() });
    state.watchers.forEach((look) => look());
  }
  resetEnvelope(session);
  performReply(session, answer);
}

function resetEnvelope(session: SmtpSession): void {
  session.from = undefined;
  session.to = [];
}
