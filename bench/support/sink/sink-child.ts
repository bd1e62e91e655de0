import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { serveParent } from '../child-process.js';
import { serveSession } from './session.js';
import type { SinkState } from './state.js';
import type { Faults, ReplyDelay } from './faults.js';

// The built-in mail server: takes everything, but for the faults it is told to have, and counts by recipient.

export type SinkOptions = { tls?: { key: string; cert: string } | undefined };

/**
 * list: one line a recipient into `file`: address, how often it was taken, distinct Message-IDs, last time in ms, distinct
 * queue ids of a Postfix before it. list-mails: one
 * line a Message-ID: it, and how often it was taken.
 */
export type SinkRequest =
  | { ask: 'count' }
  | { ask: 'list' | 'list-mails'; file: string }
  | { ask: 'forget' }
  | { ask: 'behave'; as: Faults; replyDelay: ReplyDelay | undefined };

export type SinkCount = typeof ZERO_COUNTS;

const ZERO_COUNTS = {
  messages: 0,
  bytes: 0,
  connections: 0,
  secure: 0,
  signed: 0,
  faults: 0,
};

const { tls } = JSON.parse(process.argv[2] ?? '{}') as SinkOptions;
const secureContext: SecureContext | undefined = tls && createSecureContext(tls);
const state: SinkState = {
  ...ZERO_COUNTS,
  recipients: new Map(),
  behaviour: [],
  replyDelay: { finalDotMs: 0 },
};

const server = createServer({ noDelay: true }, (socket: Socket) =>
  serveSession(socket, state, secureContext),
);
server.listen(0, '127.0.0.1', 512, () => serveParent((question) => handleRequest(question as SinkRequest)));

function handleRequest(question: SinkRequest): unknown {
  switch (question.ask) {
    case 'count': {
      const { recipients: _, behaviour: __, replyDelay: ___, ...counts } = state;
      return { ...counts, port: (server.address() as AddressInfo).port };
    }
    case 'list':
      return writeFileSync(question.file, formatRecipients().join('\n'));
    case 'list-mails':
      return writeFileSync(question.file, formatMails().join('\n'));
    case 'forget':
      Object.assign(state, { ...ZERO_COUNTS, recipients: new Map() });
      return {};
    case 'behave':
      Object.assign(state, { behaviour: question.as, replyDelay: question.replyDelay ?? state.replyDelay });
      return {};
  }
}

function formatRecipients(): string[] {
  return [...state.recipients].map(([address, { count, messageIds, queueIds, lastAt }]) =>
    [address, count, new Set(messageIds).size, lastAt, new Set(queueIds).size].join('\t'),
  );
}

function formatMails(): string[] {
  const counts = new Map<string, number>();
  for (const { messageIds } of state.recipients.values())
    for (const id of messageIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].map((line) => line.join('\t'));
}
