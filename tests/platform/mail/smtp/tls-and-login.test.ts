import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { toWireContent } from '../../../../src/platform/mail/message.js';
import { createMailer, type Transport } from '../../../../src/platform/mail/smtp/mailer.js';
import { parseSmtpUrls } from '../../../../src/platform/mail/smtp/smtp-url.js';
import { SELF_SIGNED } from '../../../support/self-signed-certificate.js';

// The server here is the smtp-server package with its certificate for localhost: another implementation than ours.

const MESSAGE = {
  envelope: { from: 'news@harbour.example', to: 'ada@example.com' },
  content: toWireContent(Buffer.from('Subject: Hello\r\n\r\nHello\r\n')),
};
const SEND_REQUEST = { message: () => MESSAGE, beforeFinalDot: () => true };

let ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  ends = [];
});

type Seen = { secure: boolean; user: string | undefined }[];

async function start(options: SMTPServerOptions): Promise<{ port: number; seen: Seen }> {
  const seen: Seen = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'p@ss:word' ? done(null, { user: username ?? '' }) : done(new Error('Wrong password')),
    onData: (stream, session, done) => {
      stream.resume().on('end', () => {
        seen.push({ secure: session.secure, user: session.user });
        done(null, 'queued as T1');
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  ends.push(() => new Promise<void>((resolve) => server.close(resolve)));
  const address = listening.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, seen };
}

function transport(smtpUrl: string): Transport {
  const made = createMailer({ smtpUrl, connections: 1, timeouts: { greeting: 2000, command: 2000 } });
  ends.unshift(() => made.close());
  return made.transports[0];
}

describe('TLS', () => {
  test('is used when the server offers STARTTLS, with the login after it', async () => {
    const { port, seen } = await start({});
    const through = transport(
      `smtp://ada%40harbour:p%40ss%3Aword@127.0.0.1:${port}?tls.rejectUnauthorized=false`,
    );
    expect(await through.findFault()).toBeUndefined();
    expect(await through.send(SEND_REQUEST)).toMatchObject({ kind: 'accepted', providerMessageId: 'T1' });
    expect(seen).toEqual([{ secure: true, user: 'ada@harbour' }]);
  });

  test('is used from the start with smtps', async () => {
    const { port, seen } = await start({ secure: true });
    const through = transport(`smtps://127.0.0.1:${port}?tls.rejectUnauthorized=false`);
    expect(await through.send(SEND_REQUEST)).toMatchObject({ kind: 'accepted' });
    expect(seen).toEqual([{ secure: true, user: undefined }]);
  });

  test('with an untrusted certificate is refused, and its words are told', async () => {
    const { port, seen } = await start({});
    expect(
      await transport(`smtp://127.0.0.1:${port}?tls.rejectUnauthorized=true`).send(SEND_REQUEST),
    ).toMatchObject({
      kind: 'unreachable',
      reply: expect.stringMatching(/certificate/),
    });
    expect(seen).toEqual([]);
  });

  test.each(['127.0.0.1', 'localhost'])('takes any certificate of a server at %s', async (host) => {
    const { port, seen } = await start({});
    expect(await transport(`smtp://${host}:${port}`).send(SEND_REQUEST)).toMatchObject({ kind: 'accepted' });
    expect(seen).toMatchObject([{ secure: true }]);
  });

  test('checks the certificate of a server elsewhere, and of one behind a proxy', () => {
    const urls =
      'smtp://mx.example smtp://localhost?proxy=http%3A%2F%2Fproxy.lan smtp://localhost smtp://[::1]';
    const checked = parseSmtpUrls(urls).map(({ options }) => options.tls?.rejectUnauthorized);
    expect(checked).toEqual([undefined, undefined, false, false]);
  });

  test('checks against the certificates of the file that ca= names, and says which file it cannot read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'paperround-ca-'));
    ends.push(() => rm(folder, { recursive: true }));
    const ca = join(folder, 'ca.pem');
    const { port, seen } = await start({ secure: true, ...SELF_SIGNED });
    const url = `smtps://localhost:${port}?ca=${encodeURIComponent(ca)}`;
    await writeFile(ca, rootCertificates[0] ?? '');
    expect(await transport(url).send(SEND_REQUEST)).toMatchObject({ kind: 'unreachable' });
    await writeFile(ca, SELF_SIGNED.cert);
    expect(await transport(url).send(SEND_REQUEST)).toMatchObject({ kind: 'accepted' });
    expect(seen).toHaveLength(1);
    expect(() => transport(`smtp://mx.example?ca=${folder}/none`)).toThrow(
      `The file ${folder}/none, which ca= in SMTP_URL names, cannot be read (ENOENT).`,
    );
  });

  test('that is required and not offered stops the message', async () => {
    const { port, seen } = await start({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    const outcome = await transport(`smtp://127.0.0.1:${port}?requireTLS=true`).send(SEND_REQUEST);
    expect(outcome).toMatchObject({ kind: 'unreachable' });
    expect(seen).toEqual([]);
  });
});

describe('login', () => {
  test('with the wrong password does not let us in, and the password is not shown', async () => {
    const { port, seen } = await start({});
    const through = transport(`smtp://ada:secret@127.0.0.1:${port}?tls.rejectUnauthorized=false`);
    const outcome = await through.send(SEND_REQUEST);
    expect(outcome).toMatchObject({ kind: 'unreachable', reply: expect.stringMatching(/^535 /) });
    expect(JSON.stringify(outcome)).not.toMatch(/secret|c2VjcmV0/);
    expect(await through.findFault()).toMatch(/^535 /);
    expect(seen).toEqual([]);
  });

  test.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('works with %s', async (method) => {
    const { port, seen } = await start({
      authMethods: [method],
      onAuth: (auth, _session, done) =>
        auth.password === 'p@ss:word' || auth.validatePassword('p@ss:word')
          ? done(null, { user: 'ada' })
          : done(new Error('Wrong password')),
    });
    const through = transport(`smtp://ada:p%40ss%3Aword@127.0.0.1:${port}?tls.rejectUnauthorized=false`);
    expect(await through.send(SEND_REQUEST)).toMatchObject({ kind: 'accepted' });
    expect(seen).toEqual([{ secure: true, user: 'ada' }]);
  });
});
