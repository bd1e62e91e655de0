import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that speaks SMTP line by line. */
export type SmtpDialogue = {
  /** Sends a command, and resolves to the whole reply; to '' when the server closed the connection instead. */
  say(line: string): Promise<string>;
  /** Sends lines and the final dot; resolves to the reply to the dot. */
  sendData(lines: string): Promise<string>;
  greeting: string;
  socket: Socket;
  close(): void;
};

export async function openSmtpDialogue(port: number): Promise<SmtpDialogue> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8');
  let buffer = '';
  let wake = () => {};
  let isOver = false;
  socket.on('data', (chunk: string) => {
    buffer += chunk;
    wake();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isOver = true;
    wake();
  });
  const readReply = async (): Promise<string> => {
    for (;;) {
      const reply = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(buffer)?.[0];
      if (reply !== undefined) {
        buffer = buffer.slice(reply.length);
        return reply.trimEnd();
      }
      if (isOver) return '';
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  await once(socket, 'connect');
  const greeting = await readReply();
  const say = (line: string) => {
    socket.write(`${line}\r\n`);
    return readReply();
  };
  return {
    greeting,
    socket,
    say,
    sendData: async (lines) => {
      const reply = await say('DATA');
      if (!reply.startsWith('354')) return reply;
      return say(`${lines.replace(/\r?\n/g, '\r\n')}\r\n.`);
    },
    close: () => socket.destroy(),
  };
}
