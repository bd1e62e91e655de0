import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What is done with one message when all of it has come: after `waitMs` it is accepted, or refused for now. */
export type MilterVerdict = { waitMs: number; refuses: boolean };

/** A mail filter behind cleanup(8); its port is for `smtpd_milters = inet:127.0.0.1:PORT`. */
export type Milter = { port: number; close(): Promise<void> };

/**
 * Speaks the milter protocol, version 6, as far as Postfix uses it for the end of a message
 * (https://github.com/emersion/go-milter and Sendmail's libmilter/mfdef.h have its numbers).
 */
export async function startMilter(judge: () => MilterVerdict): Promise<Milter> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
    readPackets(socket, judge);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function readPackets(socket: Socket, judge: () => MilterVerdict): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      answerPacket(socket, String.fromCharCode(rest[4] ?? 0), judge);
      rest = rest.subarray(end);
    }
  });
}

/** SMFIP_NO…: it wants to hear of nothing before the end of a message. */
const NOTHING_BEFORE_END = 0x3_7f;

function answerPacket(socket: Socket, command: string, judge: () => MilterVerdict): void {
  switch (command) {
    case 'O': {
      const options = Buffer.alloc(12);
      options.writeUInt32BE(6, 0);
      options.writeUInt32BE(NOTHING_BEFORE_END, 8);
      return sendPacket(socket, 'O', options);
    }
    case 'E': {
      const { waitMs, refuses } = judge();
      setTimeout(() => sendPacket(socket, refuses ? 't' : 'c'), waitMs);
      return;
    }
    case 'Q':
      socket.end();
      return;
    case 'D':
    case 'A':
      return; // macros, and the end of a message that came to nothing
    default:
      sendPacket(socket, 'c');
  }
}

function sendPacket(socket: Socket, command: string, data: Buffer = Buffer.alloc(0)): void {
  if (socket.destroyed) return;
  const head = Buffer.alloc(4);
  head.writeUInt32BE(1 + data.length, 0);
  socket.write(Buffer.concat([head, Buffer.from(command), data]));
}
