import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../../../src/platform/mail/classify/outcome.js';
import { createMailer } from '../../../../src/platform/mail/smtp/mailer.js';
import { startSmtpServer, type ConnectionCut, type SmtpTestServer } from '../../../support/smtp-server.js';
import { sendRequestTo, SHORT_TIMEOUTS, readerAddresses } from './send-requests.js';

// Three messages on one connection, which is cut at every octet in turn. The server records what it took, and goes on
// listening, so that what was certainly not sent can go out on the next connection.

const TO = readerAddresses(3);
const SHORT = { connect: '220 t', mail: '250 a', rcpt: '250 b', data: '354 c', dot: '250-c\r\n250 d' };

describe.each([
  ['with PIPELINING', ['PIPELINING']],
  ['one command at a time', ['X']],
])('%s, when the connection is cut at any octet', (_how, extensions) => {
  let server: SmtpTestServer;
  let before: number;
  let whole: { received: number; answered: number };

  beforeAll(async () => {
    server = await startSmtpServer({ extensions });
    server.setScript((stage) => SHORT[stage as keyof typeof SHORT]);
    expect((await send()).map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    whole = { received: server.reads.join('').length, answered: 200 };
  });

  afterAll(() => server.close());

  async function send(after: ConnectionCut = {}): Promise<Outcome[]> {
    server.messages.length = 0;
    server.reads.length = 0;
    server.cutNextConnection(after);
    before = server.connections.total;
    const mailer = createMailer({
      smtpUrl: `${server.url}?name=t`,
      connections: 1,
      timeouts: SHORT_TIMEOUTS,
    });
    const outcomes = await Promise.all(TO.map((to) => mailer.transports[0].send(sendRequestTo(to))));
    await mailer.close();
    return outcomes;
  }

  function verify(outcomes: Outcome[], after: ConnectionCut): void {
    const kinds = outcomes.map(({ kind }) => kind);
    const taken = TO.map((address) => server.messages.filter(({ to }) => to === address).length);
    const context = JSON.stringify({ after, kinds, taken });
    kinds.forEach((kind, at) => {
      const allowed = { accepted: [1], uncertain: [0, 1] }[kind as string] ?? [0];
      if (!allowed.includes(taken[at] ?? -1)) throw new Error(`Lost or doubled: ${context}`);
    });
    const failed = kinds.filter((kind) => kind !== 'accepted').length;
    const hadConnection = server.connections.total - before > 1 || failed < TO.length;
    if (hadConnection && failed > 1) throw new Error(`More than one: ${context}`);
  }

  test('that was sent, no message is lost or doubled, and at most one is uncertain or unsent once there was a connection', async () => {
    for (let received = 1; received <= whole.received; received += 1)
      verify(await send({ received }), { received });
  });

  test('that was received, no message is lost or doubled, and at most one is uncertain or unsent once there was a connection', async () => {
    for (let answered = 1; answered <= whole.answered; answered += 1)
      verify(await send({ sent: answered }), { sent: answered });
  });
});

test('whatever a server replies, at whatever stage, what it took is accepted or uncertain', async () => {
  const server = await startSmtpServer({ extensions: ['PIPELINING'] });
  const answers = [
    '421 4.3.2 Closing',
    '250 Yes',
    '354 Go on',
    '550 5.1.1 No',
    '450 Later',
    'garbage',
    '250-more\r\n',
    '250 a\r\n250 b',
  ];
  for (const answer of answers) {
    for (let point = 0; point < 12; point += 1) {
      server.messages.length = 0;
      let at = 0;
      server.setScript((stage) => (/mail|rcpt|data|dot/.test(stage) && at++ === point ? answer : undefined));
      const mailer = createMailer({
        smtpUrl: server.url,
        connections: 1,
        timeouts: { ...SHORT_TIMEOUTS, command: 40, data: 40, finalDot: 40 },
      });
      // Each round has its own readers: on a slow machine a message of the round before may arrive only now.
      const round = TO.map((to) => `${answers.indexOf(answer)}-${point}-${to}`);
      const outcomes = await Promise.all(round.map((to) => mailer.transports[0].send(sendRequestTo(to))));
      await mailer.close();
      const context = JSON.stringify({ answer, point, outcomes });
      round.forEach((address, index) => {
        const kind = outcomes[index]?.kind;
        const taken = server.messages.filter(({ to }) => to === address).length;
        if (taken > 1) throw new Error(`Doubled: ${context}`);
        if (taken === 1 && kind !== 'accepted' && kind !== 'uncertain')
          throw new Error(`Taken, not known: ${context}`);
        if (taken === 0 && kind === 'accepted') throw new Error(`Lost: ${context}`);
      });
    }
  }
  await server.close();
});
