import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { createMailer, type Transport } from '../../../../src/platform/mail/smtp/mailer.js';
import { startSmtpServer, type SmtpTestServer } from '../../../support/smtp-server.js';
import { sendRequestTo, SHORT_TIMEOUTS } from './send-requests.js';

const MAIL = {
  from: 'News <news@harbour.example>',
  subject: 'Grüße',
  text: '.dots\n..and lines\n',
  html: '<p>Hello</p>',
};

let server: SmtpTestServer;
let ends: (() => Promise<unknown>)[];

beforeEach(async () => {
  server = await startSmtpServer();
  ends = [() => server.close()];
});

afterEach(async () => {
  for (const end of ends.reverse()) await end();
});

function transport(url = server.url): Transport {
  const mailer = createMailer({ smtpUrl: url, connections: 2, timeouts: SHORT_TIMEOUTS });
  ends.push(() => mailer.close());
  return mailer.transports[0];
}

function listening(started: Server): Promise<number> {
  started.listen(0, '127.0.0.1');
  ends.push(() => new Promise((resolve) => started.close(resolve)));
  return once(started, 'listening').then(() => (started.address() as AddressInfo).port);
}

describe('mail that Nodemailer composes', () => {
  test('goes out like any other', async () => {
    const info = await transport().nodemailer.sendMail({ ...MAIL, to: 'Ada <ada@example.com>' });
    expect(info).toMatchObject({
      envelope: { from: 'news@harbour.example', to: ['ada@example.com'] },
      messageId: expect.stringMatching(/^<.+@harbour\.example>$/),
      accepted: ['ada@example.com'],
      rejected: [],
      response: '250 2.0.0 Ok: queued as TEST',
    });
    const [received] = server.messages;
    const { subject, text, messageId } = await PostalMime.parse(received?.raw ?? '');
    expect([subject, text?.trimEnd(), messageId]).toEqual(['Grüße', MAIL.text.trimEnd(), info.messageId]);
    expect(received?.to).toBe('ada@example.com');
  });

  test('that is not accepted fails, with an error that has the outcome', async () => {
    server.setScript((stage) => (stage === 'rcpt' ? '550 5.1.1 No such user' : undefined));
    await expect(transport().nodemailer.sendMail({ ...MAIL, to: 'ada@example.com' })).rejects.toMatchObject({
      message: '550 5.1.1 No such user',
      outcome: { kind: 'rejected', reply: '550 5.1.1 No such user' },
    });
  });

  test('has one recipient', async () => {
    await expect(
      transport().nodemailer.sendMail({ ...MAIL, to: ['ada@example.com', 'bob@example.com'] }),
    ).rejects.toThrow('A message goes to one recipient at a time, not to 2.');
    expect(server.connections.total).toBe(0);
  });

  test('can be sent with callbacks, as Nodemailer has them', async () => {
    const { nodemailer } = transport();
    const info = await new Promise<unknown>((resolve, reject) =>
      nodemailer.sendMail({ ...MAIL, to: 'ada@example.com' }, (error, found) =>
        error ? reject(error) : resolve(found),
      ),
    );
    expect(info).toMatchObject({ accepted: ['ada@example.com'] });
    expect(await new Promise((resolve) => nodemailer.verify((_error, success) => resolve(success)))).toBe(
      true,
    );
    await server.close();
    const refused = await new Promise((resolve) => nodemailer.verify((error) => resolve(error)));
    expect(refused).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
    server = await startSmtpServer();
  });
});

describe('a proxy', () => {
  test('carries all connections', async () => {
    const asked: string[] = [];
    const proxy = createHttpServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      const onward = connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Go\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [onward, socket])
        end.on('error', () => [onward, socket].forEach((one) => one.destroy()));
    });
    const port = await listening(proxy);
    const through = transport(`smtp://mail.example:2525?proxy=http%3A%2F%2F127.0.0.1%3A${port}`);
    expect(through.name).toBe('mail.example:2525');
    expect(await through.findFault()).toBeUndefined();
    expect(await through.send(sendRequestTo('ada@example.com'))).toMatchObject({ kind: 'accepted' });
    expect(asked).toEqual(['mail.example:2525']);
  });

  test('that is not there stops the message', async () => {
    const unused = createServer();
    const port = await listening(unused);
    await new Promise((resolve) => unused.close(resolve));
    const through = transport(`smtp://mail.example:2525?proxy=http%3A%2F%2F127.0.0.1%3A${port}`);
    expect(await through.send(sendRequestTo('ada@example.com'))).toMatchObject({ kind: 'unreachable' });
  });
});

/** Timers begun since. */
async function countTimers(): Promise<() => number> {
  const count = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  // By then the timers of the test runner's previous step are gone.
  await sleep(20);
  const before = count();
  return () => count() - before;
}

test('clear text where TLS should begin ends the connection, before any password is sent', async () => {
  const heard: string[] = [];
  const stranger = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 t\r\n');
    socket.on('data', (chunk) => {
      heard.push(String(chunk));
      if (String(chunk).startsWith('EHLO')) socket.write('250-t\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n');
      if (String(chunk).startsWith('STARTTLS'))
        socket.write('220 Go\r\n250-t\r\n250 AUTH PLAIN\r\n235 Welcome\r\n');
    });
  });
  const port = await listening(stranger);
  const timers = await countTimers();
  const met = transport(`smtp://ada:secret@127.0.0.1:${port}`);
  expect(await met.send(sendRequestTo('ada@example.com'))).toEqual({
    kind: 'unreachable',
    reply: 'The server sent something before TLS began.',
  });
  expect(heard.join('')).not.toMatch(/AUTH|MAIL/);
  await met.close();
  expect(timers()).toBe(0);
});
