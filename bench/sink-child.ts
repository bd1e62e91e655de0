import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { answerParent } from './children.js';
import { readSession } from './sink-session.js';
import type { Book } from './sink-state.js';
import type { Misbehaviour, Slowness } from './sink-behaviour.js';

// The built-in mail server: takes everything, or misbehaves as it is told, and counts by recipient.

export type SinkOptions = { tls?: { key: string; cert: string } | undefined };

/** list: one line a recipient into `file`: address, how often it was taken, distinct Message-IDs, last time in ms. */
export type SinkQuestion =
  | { ask: 'count' }
  | { ask: 'list'; file: string }
  | { ask: 'forget' }
  | { ask: 'behave'; as: Misbehaviour; slowness: Slowness };

export type SinkCount = typeof zeros;

const zeros = {
  messages: 0,
  bytes: 0,
  connections: 0,
  secure: 0,
  signed: 0,
  faults: 0,
  longestGap: 0,
  lastAt: 0,
};

const { tls } = JSON.parse(process.argv[2] ?? '{}') as SinkOptions;
const secureContext: SecureContext | undefined = tls && createSecureContext(tls);
const book: Book = { ...zeros, recipients: new Map(), behaviour: [], slowness: { dotMs: 0 } };

const server = createServer({ noDelay: true }, (socket: Socket) => readSession(socket, book, secureContext));
server.listen(0, '127.0.0.1', 512, () => answerParent((question) => answer(question as SinkQuestion)));

function answer(question: SinkQuestion): unknown {
  switch (question.ask) {
    case 'count': {
      const { recipients: _, behaviour: __, slowness: ___, ...counts } = book;
      return { ...counts, port: (server.address() as AddressInfo).port };
    }
    case 'list':
      return writeFileSync(question.file, listed().join('\n'));
    case 'forget':
      Object.assign(book, { ...zeros, recipients: new Map() });
      return {};
    case 'behave':
      Object.assign(book, { behaviour: question.as, slowness: question.slowness });
      return {};
  }
}

function listed(): string[] {
  return [...book.recipients].map(([address, { count, messageIds, lastAt }]) =>
    [address, count, new Set(messageIds).size, lastAt].join('\t'),
  );
}
