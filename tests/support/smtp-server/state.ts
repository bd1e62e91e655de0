import type { Socket } from 'node:net';

/** A message the server took, once for every recipient it had. `raw` is as the sender wrote it, dots unstuffed. */
export type ReceivedMessage = { from: string; to: string; raw: Buffer; at: Date };

/** What a reply is for. `body` is the moment when the first bytes of a message arrive: only a hang-up makes sense there. */
export type SmtpStage =
  | 'connect'
  | 'ehlo'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'dot'
  | 'rset'
  | 'noop'
  | 'quit';

/**
 * Undefined: the usual reply. A string: this reply, without its CRLF (several lines with CRLF between); at the dot, 2xx takes
 * the message and anything else does not. 'hang-up': no reply, the connection ends; at the dot, without the message.
 * 'hang-up-accepted': at the dot, the message is taken, and the connection ends without a reply. 'silence': no reply from
 * here on. With a promise, the reply comes later.
 */
export type SmtpReply = undefined | string;

/** `address` is the sender at `mail`, the (first) recipient from `rcpt` on, and empty before. */
export type SmtpScript = (stage: SmtpStage, address: string) => SmtpReply | Promise<SmtpReply>;

export type ConnectionCut = { received?: number; sent?: number };

export type ServerState = {
  extensions: string[];
  script: SmtpScript;
  messages: ReceivedMessage[];
  commands: string[];
  reads: string[];
  cut: ConnectionCut | undefined;
  trickles: boolean;
  connections: { total: number; open: number; most: number };
  sessions: Set<SmtpSession>;
  watchers: Set<() => void>;
};

/** One connection. `body` is set between DATA and the final dot. */
export type SmtpSession = {
  socket: Socket;
  rest: string;
  from: string | undefined;
  to: string[];
  body: string | undefined;
  silent: boolean;
  /** Octets until the connection is cut. */
  left: Required<ConnectionCut>;
  /** Set when replies leave octet by octet: the end of the one before. */
  trickling: Promise<void> | undefined;
};

export function createState(extensions: string[], trickles: boolean): ServerState {
  return {
    extensions,
    script: () => undefined,
    messages: [],
    commands: [],
    reads: [],
    cut: undefined,
    trickles,
    connections: { total: 0, open: 0, most: 0 },
    sessions: new Set(),
    watchers: new Set(),
  };
}

export function addSession({ connections, sessions }: ServerState, session: SmtpSession): void {
  sessions.add(session);
  connections.total += 1;
  connections.open += 1;
  connections.most = Math.max(connections.most, connections.open);
}

export function removeSession({ connections, sessions }: ServerState, session: SmtpSession): void {
  if (sessions.delete(session)) connections.open -= 1;
}
