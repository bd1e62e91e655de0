import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toWireContent, type Message, type SendRequest } from '../../../../src/platform/mail/message.js';
import type { Outcome } from '../../../../src/platform/mail/classify/outcome.js';
import { createMailer, type Mailer, type Transport } from '../../../../src/platform/mail/smtp/mailer.js';
import type { Timeouts } from '../../../../src/platform/mail/smtp/timeouts.js';
import { startSmtpServer, type SmtpStage, type SmtpTestServer } from '../../../support/smtp-server.js';
import { waitUntil } from '../../../support/wait-until.js';

const RAW = Buffer.from('Subject: Hello\r\n\r\n.A dot first\r\n..two\r\n.\r\nThe end\r\n');
const SHORT_TIMEOUTS: Partial<Timeouts> = {
  greeting: 500,
  command: 300,
  data: 300,
  block: 300,
  finalDot: 300,
  idle: 2000,
  closing: 300,
};
const OPEN_GATE = { beforeFinalDot: () => true };
/** Opens so late that the server's reaction to the body has arrived. */
const SLOW_GATE = { beforeFinalDot: () => sleep(30, true) };

let server: SmtpTestServer;
let mailers: Mailer[];

beforeEach(async () => {
  server = await startSmtpServer();
  mailers = [];
});

afterEach(async () => {
  await Promise.all(mailers.map((mailer) => mailer.close()));
  await server.close();
});

type Options = { url?: string; query?: string; connections?: number; timeouts?: Partial<Timeouts> };

function mailer(options: Options = {}): Mailer {
  const made = createMailer({
    smtpUrl: options.url ?? `${server.url}?name=test.example&${options.query ?? ''}`,
    connections: options.connections ?? 1,
    timeouts: { ...SHORT_TIMEOUTS, ...options.timeouts },
  });
  mailers.push(made);
  return made;
}

function transport(options: Options = {}): Transport {
  return mailer(options).transports[0];
}

function message(to = 'ada@example.com', from = 'news@harbour.example', raw = RAW): Message {
  return { envelope: { from, to }, content: toWireContent(raw) };
}

function sendRequest(toSend: Message, gate: Pick<SendRequest, 'beforeFinalDot'> = OPEN_GATE): SendRequest {
  return { message: () => toSend, ...gate };
}

function send(through: Transport, to?: string): Promise<Outcome> {
  return through.send(sendRequest(message(to)));
}

test('a message arrives as it was written, with its dots', async () => {
  expect(await send(transport())).toEqual({
    kind: 'accepted',
    reply: '250 2.0.0 Ok: queued as TEST',
    providerMessageId: 'TEST',
  });
  expect(server.messages).toMatchObject([{ from: 'news@harbour.example', to: 'ada@example.com', raw: RAW }]);
});

test('the null sender is allowed', async () => {
  expect(await transport().send(sendRequest(message('ada@example.com', '')))).toMatchObject({
    kind: 'accepted',
  });
  expect(server.messages[0]?.from).toBe('');
});

describe('the gate', () => {
  test('is asked when the server has the whole body and no dot, and the dot waits for it', async () => {
    const raw = Buffer.from(`Subject: Long\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(20_000)}`);
    const gate = {
      beforeFinalDot: async () => {
        await waitUntil(() => server.unfinished()[0]?.length === raw.length);
        await sleep(50);
        expect(server.unfinished()[0]).toBe(raw.toString('latin1'));
        expect(server.messages).toEqual([]);
        return true;
      },
    };
    const through = transport({ timeouts: { block: 5000, finalDot: 5000 } });
    expect(await through.send(sendRequest(message(undefined, undefined, raw), gate))).toMatchObject({
      kind: 'accepted',
    });
    expect(server.messages[0]?.raw.equals(raw)).toBe(true);
  });

  test('withdraws the message by returning false', async () => {
    const through = transport();
    expect(await through.send(sendRequest(message(), { beforeFinalDot: async () => false }))).toEqual({
      kind: 'withdrawn',
    });
    await waitUntilDisconnected();
    expect(server.messages).toEqual([]);
    expect(await send(through)).toMatchObject({ kind: 'accepted' });
  });

  test('that fails stops the message', async () => {
    const gate = { beforeFinalDot: () => Promise.reject(new Error('no room on the disk')) };
    expect(await transport().send(sendRequest(message(), gate))).toEqual({
      kind: 'not-sent',
      reply: 'Stopped before the final dot: no room on the disk',
    });
    await waitUntilDisconnected();
    expect(server.messages).toEqual([]);
  });

  test('is not asked when the server does not want the message', async () => {
    server.setScript((stage) => (stage === 'rcpt' ? '451 4.7.1 Greylisted' : undefined));
    let asked = 0;
    await transport().send(sendRequest(message(), { beforeFinalDot: async () => (asked += 1) > 0 }));
    expect(asked).toBe(0);
  });

  test.each(['hang-up', '421 4.3.2 Closing', '552 5.3.4 Too big'])(
    'comes too late when the server says %s while it waits',
    async (answer) => {
      let release = () => {};
      const waiting = new Promise<void>((resolve) => (release = resolve));
      server.setScript(async (stage) => {
        if (stage !== 'body') return undefined;
        await waiting;
        return answer;
      });
      const gate = {
        beforeFinalDot: async () => {
          release();
          await sleep(50);
          return true;
        },
      };
      const kind = { 4: 'deferred', 5: 'sender-fault' }[answer.slice(0, 1)] ?? 'not-sent';
      expect(await transport().send(sendRequest(message(), gate))).toMatchObject({ kind });
      await waitUntilDisconnected();
      expect(server.messages).toEqual([]);
    },
  );
});

describe.each([
  ['with pipelining', ['PIPELINING', 'SIZE 1000000']],
  ['one command at a time', []],
])('%s', (_how, extensions) => {
  beforeEach(async () => {
    await server.close();
    server = await startSmtpServer({ extensions });
  });

  test.each<[SmtpStage, string, Outcome['kind']]>([
    ['connect', '554 5.7.1 Go away', 'unreachable'],
    ['connect', '421 4.3.2 Busy', 'unreachable'],
    ['connect', 'hang-up', 'unreachable'],
    ['connect', 'silence', 'unreachable'],
    ['connect', 'hello there', 'unreachable'],
    ['ehlo', '421 4.3.2 Busy', 'unreachable'],
    ['ehlo', 'hang-up', 'unreachable'],
    ['mail', '550 5.7.1 Sender blocked', 'sender-fault'],
    ['mail', '451 4.3.0 Later', 'deferred'],
    ['mail', '421 4.3.2 Closing', 'deferred'],
    ['mail', 'hang-up', 'not-sent'],
    ['mail', 'silence', 'not-sent'],
    ['rcpt', '550 5.1.1 No such user', 'rejected'],
    ['rcpt', '552 5.2.2 Over quota', 'deferred'],
    ['rcpt', '550 5.7.1 Blocked', 'sender-fault'],
    ['rcpt', '451 4.7.1 Greylisted', 'deferred'],
    ['rcpt', '421 4.3.2 Closing', 'deferred'],
    ['rcpt', 'hang-up', 'not-sent'],
    ['rcpt', 'what?', 'not-sent'],
    ['data', '554 5.5.0 No', 'sender-fault'],
    ['data', '451 4.3.0 Later', 'deferred'],
    ['data', '250 Strange', 'not-sent'],
    ['data', 'hang-up', 'not-sent'],
    ['body', 'hang-up', 'not-sent'],
    ['dot', '250 2.0.0 Ok', 'accepted'],
    ['dot', '550 5.1.1 No such user', 'rejected'],
    ['dot', '554 5.7.1 Spam', 'sender-fault'],
    ['dot', '451 4.3.0 Later', 'deferred'],
    ['dot', '421 4.3.2 Closing', 'deferred'],
    ['dot', '354 Again', 'uncertain'],
    ['dot', 'thank you', 'uncertain'],
    ['dot', '250-Ok\r\n550 Or not', 'uncertain'],
    ['dot', 'hang-up', 'uncertain'],
    ['dot', 'hang-up-accepted', 'uncertain'],
    ['dot', 'silence', 'uncertain'],
  ])('at %s, "%s" is %s, and the next message goes out', async (stage, answer, kind) => {
    let left = 1;
    server.setScript((at) => (at === stage && left-- > 0 ? answer : undefined));
    const through = transport();
    const first = await through.send(
      sendRequest(message('ada@example.com'), stage === 'body' ? SLOW_GATE : OPEN_GATE),
    );
    const second = await send(through, 'bob@example.com');
    expect([first.kind, second.kind]).toEqual([kind, 'accepted']);
    const took = answer.startsWith('250') || answer === 'hang-up-accepted' ? ['ada@example.com'] : [];
    const expected = stage === 'dot' ? [...took, 'bob@example.com'] : ['bob@example.com'];
    expect(server.messages.map(({ to }) => to)).toEqual(expected);
  });

  test('a reader who is refused costs no connection', async () => {
    server.setScript((stage, address) =>
      stage === 'rcpt' && address.startsWith('no') ? '550 5.1.1 Unknown' : undefined,
    );
    const through = transport();
    const kinds = [];
    for (const to of ['a@example.com', 'no1@example.com', 'no2@example.com', 'b@example.com']) {
      kinds.push((await send(through, to)).kind);
    }
    expect(kinds).toEqual(['accepted', 'rejected', 'rejected', 'accepted']);
    expect(server.connections.total).toBe(1);
  });
});

test('a server that accepts DATA for a refused reader is sent an empty message without recipients', async () => {
  server.setScript((stage, address) => {
    if (stage === 'rcpt' && address.startsWith('no')) return '550 5.1.1 Unknown';
    return stage === 'data' ? '354 Go on' : undefined;
  });
  const through = transport();
  expect([await send(through, 'no@example.com'), await send(through)]).toMatchObject([
    { kind: 'rejected' },
    { kind: 'accepted' },
  ]);
  expect(server.messages.map(({ to }) => to)).toEqual(['ada@example.com']);
  expect(server.connections.total).toBe(1);
});

test('a second reply to one command never counts as the reply to the dot', async () => {
  server.setScript((stage) => (stage === 'data' ? '354 Go on\r\n250 2.0.0 Ok' : undefined));
  expect((await send(transport())).kind).not.toBe('accepted');
  expect(server.messages).toEqual([]);
});

test('a server that dies with twenty messages under way: what it took is accepted or uncertain, the rest is not', async () => {
  const through = transport({ connections: 5 });
  server.setScript((stage, address) => {
    if (stage === 'dot' && address === 'r9@example.com') server.dropConnections();
    return undefined;
  });
  const outcomes = await Promise.all(
    readers(20).map(async (to) => ({ to, kind: (await send(through, to)).kind })),
  );
  const took = new Set(server.messages.map(({ to }) => to));
  for (const { to, kind } of outcomes) {
    if (took.has(to)) expect(['accepted', 'uncertain']).toContain(kind);
    else expect(['not-sent', 'uncertain']).toContain(kind);
  }
  expect(outcomes.filter(({ kind }) => kind === 'accepted').length).toBeGreaterThanOrEqual(10);
});

test('a server that is not there', async () => {
  const through = transport();
  await server.close();
  expect(await send(through)).toMatchObject({ kind: 'unreachable' });
  expect(await through.findFault()).toEqual(expect.any(String));
  server = await startSmtpServer();
});

test.each([
  ['ada@example.com', '550 5.1.1 <Ada@EXAMPLE.com>: no such user', '550 5.1.1 <…>: no such user'],
  ['ada+b@example.com', '451 4.2.0 ada+b@example.com later, ada+b@example.com', '451 4.2.0 … later, …'],
  ['ada@bücher.example', '250 2.0.0 For ada@xn--bcher-kva.example: id=7', '250 2.0.0 For …: id=7'],
])('the address of %s is not kept in the answer', async (to, said, kept) => {
  server.setScript((stage) => (stage === 'dot' ? said : undefined));
  expect(await send(transport(), to)).toMatchObject({ reply: kept });
});

describe('connections', () => {
  test('are reused, and never more than allowed', async () => {
    const through = transport({ connections: 5 });
    const outcomes = await Promise.all(readers(20).map((to) => send(through, to)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'accepted'));
    expect(server.messages.map(({ to }) => to).sort()).toEqual(readers(20).sort());
    expect(server.connections).toMatchObject({ total: 5, most: 5 });
  });

  test('are renewed after so many messages', async () => {
    const through = transport({ query: 'maxMessages=2' });
    for (const to of readers(5)) await send(through, to);
    expect(server.connections).toMatchObject({ total: 3, most: 1 });
  });

  test('are fewer when the address of the server says so', async () => {
    const through = transport({ connections: 5, query: 'maxConnections=2' });
    await Promise.all(readers(10).map((to) => send(through, to)));
    expect(server.connections.most).toBe(2);
  });

  test('are closed with QUIT when idle', async () => {
    const through = transport({ timeouts: { idle: 50 } });
    await send(through);
    await waitUntilDisconnected();
    expect(server.commands.at(-1)).toBe('QUIT');
  });

  test('that are being closed do not delay a message for ever', async () => {
    let left = 1;
    server.setScript((stage) => (stage === 'quit' && left-- > 0 ? sleep(100, undefined) : undefined));
    const through = transport({ timeouts: { idle: 20 } });
    await send(through);
    await waitUntil(() => server.commands.at(-1) === 'QUIT');
    expect(await send(through)).toMatchObject({ kind: 'accepted' });
    expect(server.connections.total).toBe(2);
  });

  test('that the server closed while idle are replaced unnoticed', async () => {
    const through = transport();
    await send(through);
    server.dropConnections();
    expect(await send(through)).toMatchObject({ kind: 'accepted' });
    server.dropConnections();
    expect(await through.findFault()).toBeUndefined();
  });
});

describe('closing', () => {
  test('lets the message on the wire finish and sends nothing more', async () => {
    const through = transport();
    let closing: Promise<void> | undefined;
    const gate = {
      beforeFinalDot: async () => {
        closing = through.close();
        await sleep(30);
        return true;
      },
    };
    const [first, second] = await Promise.all([
      through.send(sendRequest(message('a@example.com'), gate)),
      send(through, 'b@example.com'),
    ]);
    await closing;
    expect([first.kind, second.kind]).toEqual(['accepted', 'not-sent']);
    expect(await send(through)).toMatchObject({ kind: 'not-sent' });
    await waitUntilDisconnected();
  });

  test('does not wait for ever for a server that does not answer', async () => {
    let atDot = false;
    server.setScript((stage) => {
      atDot = stage === 'dot';
      return atDot ? 'silence' : undefined;
    });
    const through = transport({ timeouts: { finalDot: 60_000, closing: 50 } });
    const sending = send(through);
    await waitUntil(() => atDot);
    await through.close();
    expect(await sending).toMatchObject({ kind: 'uncertain' });
    await waitUntilDisconnected();
  });

  test('does not wait for a server that never greets', async () => {
    server.setScript((stage) => (stage === 'connect' ? 'silence' : undefined));
    const through = transport({ timeouts: { greeting: 60_000, closing: 50 } });
    const sending = send(through);
    await sleep(20);
    await through.close();
    expect(await sending).toMatchObject({ kind: 'not-sent' });
  });
});

describe('addresses', () => {
  test.each([
    'ada@example.com>\r\nRCPT TO:<eve@example.com',
    'a b@example.com',
    '<a@example.com>',
    'a\0@example.com',
    'ada',
    '',
  ])('%j never reaches the server', async (to) => {
    expect(await send(transport(), to)).toMatchObject({ kind: 'rejected' });
    expect(await transport().send(sendRequest(message('ada@example.com', to || ' ')))).toMatchObject({
      kind: 'sender-fault',
    });
    expect(server.commands.filter((line) => !/^(EHLO|QUIT)/.test(line))).toEqual([]);
  });

  test('with letters beyond ASCII before the @ need a server that knows SMTPUTF8, and the connection goes on', async () => {
    const through = transport();
    const outcomes = [await send(through, 'jürgen@example.com'), await send(through, 'ada@example.com')];
    expect(outcomes).toMatchObject([
      { kind: 'refused', reply: expect.stringContaining('SMTPUTF8') },
      { kind: 'accepted' },
    ]);
    expect(server.connections.total).toBe(1);
  });

  test('with such letters go out where the server knows it, the domain in A-labels', async () => {
    await server.close();
    server = await startSmtpServer({ extensions: ['SMTPUTF8', '8BITMIME'] });
    expect(await send(transport(), 'jürgen@bücher.example')).toMatchObject({ kind: 'accepted' });
    expect(server.messages[0]?.to).toBe('jürgen@xn--bcher-kva.example');
    expect(server.commands[2]).toBe('MAIL FROM:<news@harbour.example> SMTPUTF8 BODY=8BITMIME');
  });
});

test('whether a server takes letters beyond ASCII before the @ is known from its EHLO; one that does not answer may', async () => {
  const able = await startSmtpServer({ extensions: ['SMTPUTF8'] });
  const [unable, both, gone] = [server.url, `${server.url} ${able.url}`, `${server.url} smtp://127.0.0.1:1`];
  const through = mailer({ url: unable });
  expect(through.transports[0].offersSmtpUtf8()).toBeUndefined();
  expect(await through.offersSmtpUtf8()).toBe(false);
  expect(through.transports[0].offersSmtpUtf8()).toBe(false);
  expect(await mailer({ url: both }).offersSmtpUtf8()).toBe(true);
  expect(await mailer({ url: gone }).offersSmtpUtf8()).toBeUndefined();
  await Promise.all(mailers.map((each) => each.close()));
  await able.close();
});

test('a server that stops reading is given up before the dot', async () => {
  const deaf = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 deaf\r\n');
    socket.on('data', (chunk) => {
      if (String(chunk).startsWith('DATA')) socket.pause();
      socket.write(String(chunk).startsWith('DATA') ? '354 Go on\r\n' : '250 Ok\r\n');
    });
  });
  deaf.listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const address = deaf.address();
  const through = transport({
    url: `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    timeouts: { block: 1 },
  });
  const raw = Buffer.alloc(32 * 1024 * 1024, 'x');
  expect(await through.send(sendRequest(message(undefined, undefined, raw)))).toEqual({
    kind: 'not-sent',
    reply: 'The server stopped reading.',
  });
  deaf.close();
});

function readers(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `r${at}@example.com`);
}

async function waitUntilDisconnected(): Promise<void> {
  await waitUntil(() => server.connections.open === 0);
}
