import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../../../src/platform/mail/classify/outcome.js';
import type { Timeouts } from '../../../../src/platform/mail/smtp/timeouts.js';
import { createMailer, type Mailer, type Transport } from '../../../../src/platform/mail/smtp/mailer.js';
import { startSmtpServer, type SmtpStage, type SmtpTestServer } from '../../../support/smtp-server.js';
import { createHeldGate, sendRequestTo, SHORT_TIMEOUTS, readerAddresses } from './send-requests.js';
import { waitUntil } from '../../../support/wait-until.js';

let server: SmtpTestServer;
let mailer: Mailer | undefined;

beforeEach(async () => {
  server = await startSmtpServer();
});

afterEach(async () => {
  await mailer?.close();
  await server.close();
});

function transport(connections = 1, query = '', timeouts: Partial<Timeouts> = SHORT_TIMEOUTS): Transport {
  mailer = createMailer({
    smtpUrl: `${server.url}?name=test.example&${query}`,
    connections,
    timeouts,
  });
  return mailer.transports[0];
}

function sendAll(through: Transport, to: string[]): Promise<Outcome[]> {
  return Promise.all(to.map((address) => through.send(sendRequestTo(address))));
}

function acceptedRecipients(): string[] {
  return server.messages.map(({ to }) => to);
}

/** What came in one read with a dot. */
function groups(): string[] {
  return server.reads.flatMap((read) => /(?:^|\r\n)\.\r\n(MAIL .*)$/s.exec(read)?.[1] ?? []);
}

describe('one group', () => {
  test('holds the dot of a message and the envelope of the next, and the dot of the last goes alone', async () => {
    await sendAll(transport(), readerAddresses(3));
    expect(groups()).toEqual([
      'MAIL FROM:<news@harbour.example> SIZE=25\r\nRCPT TO:<r1@example.com>\r\nDATA\r\n',
      'MAIL FROM:<news@harbour.example> SIZE=25\r\nRCPT TO:<r2@example.com>\r\nDATA\r\n',
    ]);
    expect(server.reads.some((read) => /(^|\r\n)\.\r\n$/.test(read))).toBe(true);
    expect(acceptedRecipients()).toEqual(readerAddresses(3));
  });

  test('is not written where the server does not offer PIPELINING', async () => {
    await server.close();
    server = await startSmtpServer({ extensions: ['SIZE 1000'] });
    await sendAll(transport(), readerAddresses(3));
    expect(groups()).toEqual([]);
    expect(server.reads.filter((read) => /^(MAIL|RCPT|DATA)/.test(read) && /\r\n./.test(read))).toEqual([]);
    expect(acceptedRecipients()).toEqual(readerAddresses(3));
  });

  test('does not run past the last message of a connection', async () => {
    await sendAll(transport(1, 'maxMessages=2'), readerAddresses(4));
    expect(groups().length).toBe(2);
    expect(acceptedRecipients()).toEqual(readerAddresses(4));
    expect(server.connections).toMatchObject({ total: 2, most: 1 });
  });

  test('does not contain a message that takes time to compose, and the dot does not wait for it', async () => {
    const through = transport();
    const slow = sendRequestTo('slow@example.com');
    const arrived = server.waitForMessages(1);
    const all = Promise.all([
      through.send(sendRequestTo('first@example.com')),
      through.send({
        ...slow,
        message: async () => {
          await arrived;
          return slow.message();
        },
      }),
      through.send(sendRequestTo('last@example.com')),
    ]);
    expect((await all).map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(acceptedRecipients()).toEqual(['first@example.com', 'slow@example.com', 'last@example.com']);
    expect(server.connections.total).toBe(1);
  });

  test('leaves out messages that are withdrawn or cannot be sent', async () => {
    const through = transport();
    const outcomes = await Promise.all([
      through.send(sendRequestTo('first@example.com')),
      through.send(sendRequestTo('gone@example.com', { message: () => undefined })),
      through.send(sendRequestTo('late@example.com', { message: () => sleep(1, undefined) })),
      through.send(sendRequestTo('no address')),
      through.send(
        sendRequestTo('broken@example.com', {
          message: () => {
            throw new Error('no template');
          },
        }),
      ),
      through.send(sendRequestTo('last@example.com')),
    ]);
    expect(outcomes).toMatchObject([
      { kind: 'accepted' },
      { kind: 'withdrawn' },
      { kind: 'withdrawn' },
      { kind: 'rejected' },
      { kind: 'not-sent', reply: 'Stopped before the final dot: no template' },
      { kind: 'accepted' },
    ]);
    expect(acceptedRecipients()).toEqual(['first@example.com', 'last@example.com']);
    expect(server.connections.total).toBe(1);
  });
});

describe('a message announced with the dot before it', () => {
  test.each<[SmtpStage, string]>([
    ['mail', '421 4.4.2 Too many messages'],
    ['rcpt', '421 4.4.2 Too many messages'],
    ['data', '421 4.4.2 Too many messages'],
    ['mail', 'hang-up'],
    ['rcpt', 'hang-up'],
    ['data', 'hang-up'],
    ['mail', 'what?'],
    ['mail', 'silence'],
    ['data', '354 Go on\r\nwhat?'],
  ])('goes out on another connection when the server says at %s: %s', async (stage, answer) => {
    let left = 1;
    server.setScript((at, address) => {
      const isSecond = at === 'mail' ? server.messages.length === 1 : address === 'r1@example.com';
      return at === stage && isSecond && left-- > 0 ? answer : undefined;
    });
    let asked = 0;
    const through = transport();
    const second = sendRequestTo('r1@example.com');
    const [first, next] = await Promise.all([
      through.send(sendRequestTo('r0@example.com')),
      through.send({ ...second, message: () => ((asked += 1), second.message()) }),
    ]);
    expect([first.kind, next.kind, asked]).toEqual(['accepted', 'accepted', 2]);
    expect(acceptedRecipients()).toEqual(['r0@example.com', 'r1@example.com']);
    expect(server.connections.total).toBe(2);
  });

  test.each([
    ['421 4.3.2 Closing', 'deferred'],
    ['hang-up', 'uncertain'],
    ['thank you', 'uncertain'],
    ['354 Again\r\n550 5.1.1 No', 'uncertain'],
    ['550-5.1.1 No such\r\n550 5.1.1 user', 'rejected'],
    ['451 4.3.0 Later', 'deferred'],
  ])('does not get the outcome of that one: %s', async (answer, kind) => {
    server.setScript((stage, address) =>
      stage === 'dot' && address === 'r0@example.com' ? answer : undefined,
    );
    const outcomes = await sendAll(transport(), readerAddresses(3));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual([kind, 'accepted', 'accepted']);
    expect(acceptedRecipients()).toEqual(['r1@example.com', 'r2@example.com']);
  });

  test('fails in the end when connections go on failing', async () => {
    server.setScript((stage, address) =>
      stage === 'rcpt' && address === 'bad@example.com' ? 'hang-up' : undefined,
    );
    const outcomes = await sendAll(transport(), ['r0@example.com', 'bad@example.com', 'r2@example.com']);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'not-sent', 'accepted']);
  });

  test('is refused alone, and the connection goes on', async () => {
    server.setScript((stage, address) =>
      stage === 'rcpt' && address === 'r1@example.com' ? '550 5.1.1 No' : undefined,
    );
    const outcomes = await sendAll(transport(), readerAddresses(3));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'rejected', 'accepted']);
    expect(server.connections.total).toBe(1);
  });
});

test.each<[string, { answer?: number; trickles?: boolean; extensions?: string[] }]>([
  ['slowly', { answer: 20 }],
  ['octet by octet', { trickles: true }],
  ['octet by octet, without PIPELINING', { trickles: true, extensions: ['SIZE 1000'] }],
])(
  'a server that answers %s, and in several lines, gets every message once',
  async (_how, { answer, ...options }) => {
    await server.close();
    server = await startSmtpServer(options);
    server.setScript(async (stage) => {
      if (answer !== undefined) await sleep(answer);
      return {
        mail: '250-2.1.0 Fine\r\n250 2.1.0 so far',
        dot: '250-2.0.0 Ok\r\n250-\r\n250 2.0.0 queued as X',
      }[stage as string];
    });
    const outcomes = await sendAll(transport(2, '', { closing: 300 }), readerAddresses(8));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(acceptedRecipients().sort()).toEqual(readerAddresses(8));
  },
);

describe('a message waits', () => {
  test('for no other while a connection could be opened, and one message opens one', async () => {
    const through = transport(3);
    const gate = createHeldGate();
    const first = through.send(sendRequestTo('r0@example.com', gate));
    await waitUntil(gate.isAsked);
    expect(server.connections.total).toBe(1);
    const second = through.send(sendRequestTo('r1@example.com'));
    expect((await second).kind).toBe('accepted');
    expect(server.connections.total).toBe(2);
    gate.open();
    expect((await first).kind).toBe('accepted');
    expect(groups()).toEqual([]);
  });

  test('for no other while a connection is being made for it', async () => {
    const through = transport(2);
    const gate = createHeldGate();
    const first = through.send(sendRequestTo('r0@example.com', gate));
    await waitUntil(gate.isAsked);
    server.setScript((stage) => (stage === 'connect' ? sleep(50, undefined) : undefined));
    const second = through.send(sendRequestTo('r1@example.com'));
    await waitUntil(() => server.connections.total === 2);
    gate.open();
    expect([(await first).kind, (await second).kind]).toEqual(['accepted', 'accepted']);
    expect(groups()).toEqual([]);
  });

  test('less when it is urgent', async () => {
    const through = transport();
    const gate = createHeldGate();
    const sent = [through.send(sendRequestTo('r0@example.com', gate))];
    await waitUntil(gate.isAsked);
    sent.push(...['r1@example.com', 'r2@example.com'].map((to) => through.send(sendRequestTo(to))));
    sent.push(
      ...['u1@example.com', 'u2@example.com'].map((to) => through.send(sendRequestTo(to, { urgent: true }))),
    );
    gate.open();
    await Promise.all(sent);
    expect(acceptedRecipients()).toEqual(['r0', 'u1', 'u2', 'r1', 'r2'].map((name) => `${name}@example.com`));
  });

  test('for its domain, when that has its share of the connections, and others are sent before it', async () => {
    const through = transport(4, 'domainConnections=2');
    let busy = 0;
    let most = 0;
    server.setScript(async (stage, address) => {
      if (!address.endsWith('@big.example') || (stage !== 'rcpt' && stage !== 'dot')) return undefined;
      if (stage === 'rcpt') busy += 1;
      most = Math.max(most, busy);
      await sleep(10);
      if (stage === 'dot') busy -= 1;
      return undefined;
    });
    const big = Array.from({ length: 12 }, (_, at) => `r${at}@${at % 2 === 0 ? 'big' : 'BIG'}.example`);
    const small = Array.from({ length: 12 }, (_, at) => `r${at}@small${at}.example`);
    const outcomes = await sendAll(through, [...big, ...small]);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(server.messages.length).toBe(24);
    expect(most).toBe(2);
    expect(
      acceptedRecipients()
        .slice(0, 14)
        .filter((to) => to.includes('small')).length,
    ).toBeGreaterThan(6);
  });
});

test('an urgent message goes before those that wait for a domain', async () => {
  const through = transport(2, 'domainConnections=1');
  const [big, small] = [createHeldGate(), createHeldGate()];
  const sent = [through.send(sendRequestTo('r0@big.example', big))];
  await waitUntil(big.isAsked);
  let asked = false;
  const waits = sendRequestTo('r1@big.example');
  sent.push(through.send({ ...waits, message: () => ((asked = true), waits.message()) }));
  await waitUntil(() => asked);
  sent.push(through.send(sendRequestTo('r2@small.example', small)));
  await waitUntil(small.isAsked);
  sent.push(through.send(sendRequestTo('u@other.example', { urgent: true })));
  big.open();
  await server.waitForMessages(3);
  small.open();
  await Promise.all(sent);
  expect(acceptedRecipients()).toEqual([
    'r0@big.example',
    'u@other.example',
    'r1@big.example',
    'r2@small.example',
  ]);
});

describe('a server that takes no more connections', () => {
  test('is not asked for one more with every message', async () => {
    server.setScript((stage) =>
      stage === 'connect' && server.connections.open > 1 ? '421 4.7.0 Too many' : undefined,
    );
    const through = transport(3);
    const gate = createHeldGate();
    const sent = [through.send(sendRequestTo('r0@example.com', gate))];
    await waitUntil(gate.isAsked);
    for (const to of readerAddresses(10).slice(1)) {
      sent.push(through.send(sendRequestTo(to)));
      await sleep(10);
    }
    gate.open();
    expect(new Set((await Promise.all(sent)).map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(server.connections.total).toBe(2);
  });

  test('gets the rest over those it took', async () => {
    server.setScript((stage) =>
      stage === 'connect' && server.connections.open > 2 ? '421 4.7.0 Too many' : undefined,
    );
    const outcomes = await sendAll(transport(6), readerAddresses(60));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(acceptedRecipients().sort()).toEqual(readerAddresses(60).sort());
    expect(server.connections.total).toBeLessThanOrEqual(8);
  });

  test('at all is tried a few times, not once for every message', async () => {
    server.setScript((stage) => (stage === 'connect' ? '554 5.7.1 Go away' : undefined));
    const outcomes = await sendAll(transport(3), readerAddresses(50));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['unreachable']));
    expect(server.connections.total).toBeLessThanOrEqual(3);
  });
});

test('a server that accepts an empty message without recipients is reported, and the reader stays refused', async () => {
  server.setScript((stage, address) => {
    if (stage === 'rcpt' && address === 'no@example.com') return '550 5.1.1 Unknown';
    if (stage === 'data' && address === '') return '354 Go on';
    return undefined;
  });
  const warnings: string[] = [];
  mailer = createMailer({
    smtpUrl: server.url,
    connections: 1,
    timeouts: SHORT_TIMEOUTS,
    onProtocolWarning: (event, name) => warnings.push(`${event} ${name}`),
  });
  let asked = 0;
  const outcomes = await Promise.all([
    mailer.transports[0].send(sendRequestTo('no@example.com', { beforeFinalDot: () => (asked += 1) > 0 })),
    mailer.transports[0].send(sendRequestTo('ada@example.com')),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'accepted']);
  expect(asked).toBe(0);
  expect(warnings).toEqual([`transport.accepted-without-recipient 127.0.0.1:${server.port}`]);
});

test('what waits when a mailer is closed was not sent, and what is on the wire is finished', async () => {
  const through = transport(1, 'domainConnections=1');
  const gate = createHeldGate();
  const first = through.send(sendRequestTo('r0@example.com', gate));
  await waitUntil(gate.isAsked);
  const rest = sendAll(through, readerAddresses(5).slice(1));
  const closing = mailer?.close();
  const stopped = { kind: 'not-sent', reply: 'Sending was stopped.' };
  expect(await rest).toEqual([stopped, stopped, stopped, stopped]);
  gate.open();
  expect((await first).kind).toBe('accepted');
  await closing;
  expect(server.connections.open).toBe(0);
});
