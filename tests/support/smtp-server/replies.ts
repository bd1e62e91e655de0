import type { Socket } from 'node:net';
import type { ServerState, SmtpSession, SmtpStage } from './state.js';

/** Sends the reply of the script, or the usual one; `on2xx` runs before a reply that accepts. */
export async function sendReply(
  state: ServerState,
  session: SmtpSession,
  stage: SmtpStage,
  usual: string,
  address = session.to[0] ?? '',
  on2xx?: () => void,
): Promise<void> {
  const answer = (await state.script(stage, address)) ?? usual;
  if (answer.startsWith('2')) on2xx?.();
  performReply(session, answer);
}

export function performReply(session: SmtpSession, answer: string): void {
  if (answer === 'silence') session.silent = true;
  else if (answer.startsWith('hang-up')) session.socket.destroy();
  else writeLine(session, answer);
}

export function writeLine(session: SmtpSession, line: string): void {
  const { socket, silent, left } = session;
  if (silent || isOver(session)) return;
  const text = `${line}\r\n`.slice(0, left.sent);
  left.sent -= line.length + 2;
  if (session.trickling !== undefined)
    session.trickling = session.trickling.then(() => writeByteByByte(socket, text));
  else socket.write(text);
  if (left.sent <= 0) socket.destroySoon();
}

async function writeByteByByte(socket: Socket, text: string): Promise<void> {
  for (const octet of Buffer.from(text)) {
    if (!socket.writable) return;
    socket.write(Buffer.of(octet));
    await new Promise(setImmediate);
  }
}

/** The connection was closed or cut. */
export function isOver({ socket, left }: SmtpSession): boolean {
  return socket.destroyed || left.sent <= 0;
}
