import { X509Certificate } from 'node:crypto';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { makeSelfSigned } from '../../../../src/platform/crypto/self-signed.js';
import { createLog } from '../../../../src/platform/log.js';
import type { ReceivedMail } from '../../../../src/platform/mail/inbound/inbound-mail.js';
import {
  startSmtpListener,
  type SmtpListener,
  type SmtpListenerOptions,
} from '../../../../src/platform/mail/inbound/smtp-listener.js';
import { waitUntil } from '../../../support/wait-until.js';
import { openSmtpDialogue, type SmtpDialogue } from '../../../support/smtp-dialogue.js';

const tls = makeSelfSigned('bounce.example', new Date());
const open: { stop?(): Promise<void>; close?(): void }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    one.close?.();
    await one.stop?.();
  }
});

async function start(
  options: Partial<SmtpListenerOptions> = {},
): Promise<{ listener: SmtpListener; stored: ReceivedMail[] }> {
  const stored: ReceivedMail[] = [];
  const listener = await startSmtpListener({
    host: '127.0.0.1',
    port: 0,
    name: 'bounce.example',
    tls: () => tls,
    isOurs: (address) => address === 'ours@bounce.example',
    store: async (mail) => void stored.push(mail),
    log: createLog('silent'),
    ...options,
  });
  open.push(listener);
  return { listener, stored };
}

async function dialogue({ port }: SmtpListener): Promise<SmtpDialogue> {
  const client = await openSmtpDialogue(port);
  open.push(client);
  await client.say('EHLO mx.example');
  return client;
}

async function startTls({ port }: SmtpListener, ca: string): Promise<TLSSocket> {
  const client = await openSmtpDialogue(port);
  open.push(client);
  expect(await client.say('EHLO mx.example')).toContain('STARTTLS');
  expect(await client.say('STARTTLS')).toMatch(/^220/);
  client.socket.removeAllListeners('data');
  const secure = connectTls({
    ...{ socket: client.socket, servername: 'bounce.example', ca: [ca], rejectUnauthorized: false },
  });
  await new Promise((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
  return secure;
}

const MAIL = 'From: <>\nSubject: Undelivered\n\nNo such user.';

describe('a listener', () => {
  test('answers 250 when the mail is stored, with its envelope and every octet', async () => {
    const { listener, stored } = await start();
    const client = await dialogue(listener);
    expect(client.greeting).toBe('220 bounce.example ESMTP');
    expect(await client.say('MAIL FROM:<>')).toMatch(/^250/);
    expect(await client.say('RCPT TO:<ours@bounce.example>')).toMatch(/^250/);
    expect(await client.sendData('Subject: x\n\n..dot\n\xe9')).toMatch(/^250/);
    expect(stored.map(({ raw, ...rest }) => ({ ...rest, raw: raw.toString() }))).toEqual([
      {
        source: 'smtp',
        envelopeFrom: '',
        envelopeTo: ['ours@bounce.example'],
        raw: 'Subject: x\r\n\r\n.dot\r\né\r\n',
      },
    ]);
  });

  test('refuses at RCPT whatever is not ours, so that it neither relays nor sends anything back', async () => {
    const { listener, stored } = await start();
    const client = await dialogue(listener);
    await client.say('MAIL FROM:<somebody@else.example>');
    for (const address of ['else@bounce.example', 'ours@other.example', 'postmaster'])
      expect(await client.say(`RCPT TO:<${address}>`)).toMatch(/^55\d /);
    expect(await client.say('RCPT TO:<else@bounce.example>')).toMatch(/^550 5\.1\.1 /);
    expect(await client.sendData(MAIL)).toMatch(/^503/);
    expect(stored).toEqual([]);
  });

  test('offers no login', async () => {
    const { listener } = await start();
    const client = await openSmtpDialogue(listener.port);
    open.push(client);
    expect(await client.say('EHLO mx.example')).not.toContain('AUTH');
    expect(await client.say('AUTH PLAIN AGFkYQBzZWNyZXQ=')).toMatch(/^5/);
    expect(await client.say('VRFY ours')).toMatch(/^5/);
  });

  test('has a renewed certificate after a while, and keeps the old one while the new one cannot be read', async () => {
    const renewed = makeSelfSigned('bounce.example', new Date());
    let asked = 0;
    const certificates = [tls, undefined, renewed];
    const { listener } = await start({
      tls: () => {
        const next = certificates[Math.min(asked, 2)];
        asked += 1;
        if (next === undefined) throw new Error('no such file');
        return next;
      },
      renewTlsEveryMs: 300,
    });
    expect((await startTls(listener, tls.cert)).authorized).toBe(true);
    expect(await waitUntil(() => asked > 2)).toBe(true);
    expect((await startTls(listener, renewed.cert)).authorized).toBe(true);
    expect((await startTls(listener, tls.cert)).authorized).toBe(false);
  });

  test('takes mail through STARTTLS, with a certificate of its own', async () => {
    const { listener, stored } = await start();
    const secure = await startTls(listener, tls.cert);
    expect(secure.authorized).toBe(true);
    let replies = '';
    secure.setEncoding('utf8').on('data', (text: string) => (replies += text));
    const lines = ['EHLO mx.example', 'MAIL FROM:<>', 'RCPT TO:<ours@bounce.example>', 'DATA'];
    for (const line of lines) {
      const before = replies.length;
      secure.write(`${line}\r\n`);
      while (!/\d{3} .*\r\n$/.test(replies.slice(before)))
        await new Promise((next) => secure.once('data', next));
    }
    secure.write('Subject: x\r\n\r\nx\r\n.\r\n');
    while (!replies.includes('OK: stored')) await new Promise((next) => secure.once('data', next));
    expect(stored).toHaveLength(1);
  });

  test('answers 451 while the mail cannot be stored, and takes it when it can', async () => {
    let isAway = true;
    const { listener } = await start({
      store: async () => {
        if (isAway) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      },
    });
    const client = await dialogue(listener);
    const send = async () => {
      await client.say('MAIL FROM:<>');
      await client.say('RCPT TO:<ours@bounce.example>');
      return client.sendData(MAIL);
    };
    expect(await send()).toBe('451 4.3.0 It could not be stored, try again later');
    isAway = false;
    expect(await send()).toMatch(/^250/);
  });

  test('stores nothing of a mail that is cut off before its end', async () => {
    const { listener, stored } = await start();
    const client = await dialogue(listener);
    await client.say('MAIL FROM:<>');
    await client.say('RCPT TO:<ours@bounce.example>');
    await client.say('DATA');
    client.socket.write('Subject: half\r\n\r\nhalf');
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stored).toEqual([]);
  });
});

describe('its limits', () => {
  test('a mail of the largest size is taken, one octet more is refused for good', async () => {
    const { listener, stored } = await start({ limits: { bytes: 1000 } });
    const client = await dialogue(listener);
    const send = async (size: number) => {
      await client.say('MAIL FROM:<>');
      await client.say('RCPT TO:<ours@bounce.example>');
      return client.sendData('x'.repeat(size - 2));
    };
    expect(await send(1000)).toMatch(/^250/);
    expect(await send(1001)).toMatch(/^552 5\.3\.4 /);
    expect(await client.say('MAIL FROM:<> SIZE=1001')).toMatch(/^552/);
    expect(stored.map(({ raw }) => raw.length)).toEqual([1000]);
  });

  test('mails that are received at once share their octets', async () => {
    const { listener, stored } = await start({ limits: { bytes: 1000, bytesAtOnce: 1500 } });
    const first = await dialogue(listener);
    const second = await dialogue(listener);
    for (const client of [first, second]) {
      await client.say('MAIL FROM:<>');
      await client.say('RCPT TO:<ours@bounce.example>');
      await client.say('DATA');
    }
    first.socket.write('x'.repeat(900));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await second.say(`${'x'.repeat(900)}\r\n.`)).toMatch(/^452 4\.3\.1 /);
    expect(await first.say('\r\n.')).toMatch(/^250/);
    await second.say('MAIL FROM:<>');
    await second.say('RCPT TO:<ours@bounce.example>');
    expect(await second.sendData('x'.repeat(900))).toMatch(/^250/);
    expect(stored).toHaveLength(2);
  });

  test('a connection beyond the last is told to come again', async () => {
    const { listener } = await start({ limits: { connections: 2 } });
    await dialogue(listener);
    const second = await dialogue(listener);
    const third = await openSmtpDialogue(listener.port);
    open.push(third);
    expect(third.greeting).toMatch(/^421 /);
    second.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await dialogue(listener)).greeting).toMatch(/^220/);
  });

  test('recipients beyond the last are left for another mail', async () => {
    const { listener } = await start({
      limits: { recipients: 2 },
      isOurs: (address) => address.endsWith('@bounce.example'),
    });
    const client = await dialogue(listener);
    await client.say('MAIL FROM:<>');
    for (const name of ['a', 'b'])
      expect(await client.say(`RCPT TO:<${name}@bounce.example>`)).toMatch(/^250/);
    expect(await client.say('RCPT TO:<c@bounce.example>')).toMatch(/^452 4\.5\.3 /);
  });

  test('whoever tries addresses is shown the door', async () => {
    const { listener } = await start({ limits: { refusedRecipients: 3 } });
    const client = await dialogue(listener);
    await client.say('MAIL FROM:<>');
    for (const name of ['a', 'b', 'c'])
      expect(await client.say(`RCPT TO:<${name}@bounce.example>`)).toMatch(/^550/);
    expect(await client.say('RCPT TO:<d@bounce.example>')).toMatch(/^421 /);
    expect(await client.say('NOOP')).toBe('');
  });

  test('a connection ends after its time, whatever it is doing', async () => {
    const { listener } = await start({ limits: { connectionMs: 300 } });
    const client = await dialogue(listener);
    await new Promise((resolve) => client.socket.once('close', resolve));
    expect(await client.say('NOOP')).toBe('');
  });
});

test('a certificate that is made is one, for its name', () => {
  const certificate = new X509Certificate(tls.cert);
  expect(certificate.subjectAltName).toBe('DNS:bounce.example');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkHost('bounce.example')).toBe('bounce.example');
});
