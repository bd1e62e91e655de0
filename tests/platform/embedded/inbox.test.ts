import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { listInbox, readInboxMail, startInbox } from '../../../src/platform/embedded/inbox.js';
import { createTempDirectory } from '../../support/embedded/server-processes.js';

const cleanUps: (() => unknown)[] = [];
jest.setTimeout(60_000);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

test('a mail comes back with its envelope, its headers, both bodies and its very bytes', async () => {
  const { dir, smtpUrl } = await open();
  const raw = [
    'From: =?utf-8?q?Z=C3=BCrcher_Blatt?= <news@example.org>',
    'To: Ada <ada@example.net>',
    'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
    'X-Twice: one',
    'X-Twice: two',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Plain words',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Rich words</p>',
    '--b--',
    '',
  ].join('\r\n');
  await send(smtpUrl, {
    envelope: { from: 'bounce+1@example.org', to: ['ada@example.net', 'bo@example.net'] },
    raw,
  });
  const [mail] = await listInbox(dir, 10);
  expect(mail).toMatchObject({
    envelopeFrom: 'bounce+1@example.org',
    envelopeTo: ['ada@example.net', 'bo@example.net'],
    from: 'Zürcher Blatt <news@example.org>',
    to: 'Ada <ada@example.net>',
    subject: 'Grüße',
  });
  expect(mail?.text?.trim()).toBe('Plain words');
  expect(mail?.html?.trim()).toBe('<p>Rich words</p>');
  expect(mail?.headers.filter(({ name }) => name === 'X-Twice').map(({ value }) => value)).toEqual([
    'one',
    'two',
  ]);
  expect(mail?.raw.toString()).toBe(raw);
  expect(Math.abs(Date.now() - (mail?.receivedAt.getTime() ?? 0))).toBeLessThan(60_000);
  expect(await readInboxMail(dir, mail?.id ?? '')).toEqual(mail);
});

test('international addresses and eight-bit bodies arrive whole', async () => {
  const { dir, smtpUrl } = await open();
  const raw = Buffer.from('Subject: Grüße aus Köln\r\n\r\nžluťoučký kůň\r\n');
  await send(smtpUrl, {
    envelope: { from: 'josé@example.org', to: ['用户@例子.example'], use8BitMime: true },
    raw,
  });
  const [mail] = await listInbox(dir, 1);
  expect(mail?.envelopeFrom).toBe('josé@example.org');
  expect(mail?.envelopeTo[0]).toMatch(/^用户@/);
  expect(mail?.raw.equals(raw)).toBe(true);
});

test('any login is accepted, and none is needed', async () => {
  const { dir, smtpUrl } = await open();
  const url = new URL(smtpUrl);
  await send(`smtp://some%40one:secret@${url.host}`, simple('with a login'));
  await send(smtpUrl, simple('without'));
  expect((await listInbox(dir, 10)).map(({ subject }) => subject)).toEqual(['without', 'with a login']);
});

test('the newest is listed first, also of many that arrive within a millisecond, up to the limit', async () => {
  const { dir, smtpUrl } = await open();
  const transport = createTransport(`${smtpUrl}?pool=true`);
  cleanUps.push(() => transport.close());
  const subjects = Array.from({ length: 20 }, (_, index) => `mail ${index}`);
  for (const subject of subjects) await transport.sendMail(simple(subject));
  expect((await listInbox(dir, 5)).map(({ subject }) => subject)).toEqual(subjects.toReversed().slice(0, 5));
});

test('mails outlive a restart, and the port is kept', async () => {
  const first = await open();
  await send(first.smtpUrl, simple('before'));
  await first.stop();
  const port = Number(new URL(first.smtpUrl).port);
  const second = await startInbox({ dir: first.dir, port });
  cleanUps.push(() => second.stop());
  await send(second.smtpUrl, simple('after'));
  expect(second.smtpUrl).toBe(first.smtpUrl);
  expect((await listInbox(first.dir, 10)).map(({ subject }) => subject)).toEqual(['after', 'before']);
});

test('when its port is taken the inbox uses another', async () => {
  const occupant = createServer();
  await new Promise<void>((resolve) => occupant.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => occupant.close());
  const port = (occupant.address() as { port: number }).port;
  const inbox = await startInbox({ dir: directory(), port });
  cleanUps.push(() => inbox.stop());
  expect(Number(new URL(inbox.smtpUrl).port)).not.toBe(port);
});

test('at most 500 mails are stored: the oldest are deleted', async () => {
  const dir = directory();
  const name = (index: number) => `20250101T000000${String(index).padStart(3, '0')}Z-00000000`;
  const kept = 'X-Paperround-Envelope: {"from":"a@example.org","to":[]}\r\nSubject: old\r\n\r\n';
  for (let index = 0; index < 500; index += 1) writeFileSync(join(dir, `${name(index)}.eml`), kept);
  const inbox = await startInbox({ dir });
  cleanUps.push(() => inbox.stop());
  await send(inbox.smtpUrl, simple('new'));
  const names = readdirSync(dir);
  expect(names).toHaveLength(500);
  expect(names).not.toContain(`${name(0)}.eml`);
  expect(names).toContain(`${name(1)}.eml`);
  expect((await listInbox(dir, 1))[0]?.subject).toBe('new');
});

test('a mail of more than 25 MB is refused with 5xx, and leaves no file', async () => {
  const { dir, smtpUrl } = await open();
  const raw = Buffer.concat([
    Buffer.from('Subject: big\r\n\r\n'),
    Buffer.alloc(26 * 1024 * 1024, 'x'.repeat(70) + '\r\n'),
  ]);
  const mail = { envelope: { from: 'a@example.org', to: 'b@example.net' }, raw };
  await expect(send(smtpUrl, mail)).rejects.toMatchObject({ responseCode: 552 });
  expect(readdirSync(dir)).toEqual([]);
});

test('a client that hangs up in the middle of a mail leaves no file, and the next one is served', async () => {
  const { dir, smtpUrl } = await open();
  const { connect } = await import('node:net');
  const socket = connect(Number(new URL(smtpUrl).port), '127.0.0.1');
  const lines = [
    'EHLO x',
    'MAIL FROM:<a@example.org>',
    'RCPT TO:<b@example.net>',
    'DATA',
    'Subject: half',
    '',
    'wor',
  ];
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  socket.destroy();
  await send(smtpUrl, simple('whole'));
  expect((await listInbox(dir, 10)).map(({ subject }) => subject)).toEqual(['whole']);
  expect(readdirSync(dir)).toHaveLength(1);
});

test('no id can name a file outside of the folder', async () => {
  const dir = join(directory(), 'inbox');
  mkdirSync(dir);
  writeFileSync(
    join(dir, '../20250101T000000000Z-00000000.eml'),
    'X-Paperround-Envelope: {}\r\nSubject: secret\r\n\r\n',
  );
  const ids = [
    '../20250101T000000000Z-00000000',
    '..%2f20250101T000000000Z-00000000',
    '',
    '.',
    'a\0b',
    `/etc/passwd`,
  ];
  for (const id of ids) expect(await readInboxMail(dir, id)).toBeUndefined();
  expect(await readInboxMail(dir, '20250101T000000000Z-00000000')).toBeUndefined();
});

test('a folder that is not there yet is an empty inbox', async () => {
  expect(await listInbox(join(directory(), 'none'), 10)).toEqual([]);
});

test('a message nobody can parse is still listed, with its bytes', async () => {
  const { dir, smtpUrl } = await open();
  const nested = Array.from(
    { length: 400 },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  );
  const raw = Buffer.from(`Subject: deep\r\n${nested.join('')}end\r\n`);
  await send(smtpUrl, { envelope: { from: 'a@example.org', to: 'b@example.net' }, raw });
  const [mail] = await listInbox(dir, 10);
  expect(mail?.raw.length).toBeGreaterThan(10_000);
  expect([mail?.envelopeFrom, mail?.subject]).toEqual(['a@example.org', '']);
});

function directory(): string {
  const path = createTempDirectory();
  cleanUps.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function open(): Promise<{ dir: string; smtpUrl: string; stop(): Promise<void> }> {
  const dir = directory();
  const inbox = await startInbox({ dir });
  cleanUps.push(() => inbox.stop());
  return { dir, ...inbox };
}

const simple = (subject: string) => ({ from: 'a@example.org', to: 'b@example.net', subject, text: subject });

async function send(url: string, mail: SendMailOptions): Promise<void> {
  const transport = createTransport(url);
  await transport.sendMail(mail).finally(() => transport.close());
}
