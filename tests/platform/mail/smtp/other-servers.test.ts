import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { createMailer, type Mailer } from '../../../../src/platform/mail/smtp/mailer.js';
import { sendRequestTo, readerAddresses } from './send-requests.js';
import { findFreePort } from '../../../../src/platform/process/free-port.js';

// Independent server implementations, each of which counts what it took.

const SINK = ['/usr/sbin/smtp-sink', '/usr/bin/smtp-sink'].find((path) => existsSync(path));
const COUNT = 500;

let mailer: Mailer | undefined;
let ends: (() => unknown)[] = [];

afterEach(async () => {
  await mailer?.close();
  for (const end of ends) await end();
  ends = [];
});

async function sendAll(smtpUrl: string): Promise<Set<string>> {
  mailer = createMailer({ smtpUrl, connections: 4 });
  const [through] = mailer.transports;
  const outcomes = await Promise.all(readerAddresses(COUNT).map((to) => through.send(sendRequestTo(to))));
  return new Set(outcomes.map(({ kind }) => kind));
}

test.each([
  ['in clear text', 'smtp', { hideSTARTTLS: true, disabledCommands: ['STARTTLS', 'AUTH'] }],
  ['over STARTTLS', 'smtp', {}],
  ['over TLS from the start', 'smtps', { secure: true }],
])('the smtp-server package gets every message once, %s', async (_how, scheme, options) => {
  const took: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onData: (stream, { envelope }, done) => {
      stream.resume().on('end', () => {
        took.push(...envelope.rcptTo.map(({ address }) => address));
        done();
      });
    },
    ...options,
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  ends.push(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = listening.address() as AddressInfo;
  const kinds = await sendAll(`${scheme}://127.0.0.1:${port}?tls.rejectUnauthorized=false`);
  expect(kinds).toEqual(new Set(['accepted']));
  expect(took.sort()).toEqual(readerAddresses(COUNT).sort());
});

const reason = SINK === undefined ? ' (skipped: Postfix is not installed)' : '';
(SINK === undefined ? test.skip : test)(`the sink of Postfix gets every message once${reason}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smtp-sink-'));
  chmodSync(folder, 0o777);
  const port = await findFreePort();
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const sink = spawn(SINK ?? '', [...user, '-R', '/', '-d', `${folder}/%M.`, `127.0.0.1:${port}`, '64'], {
    stdio: 'ignore',
  });
  ends.push(
    () => stop(sink),
    () => rmSync(folder, { recursive: true }),
  );
  await waitUntilListening(port);
  expect(await sendAll(`smtp://127.0.0.1:${port}?name=test.example`)).toEqual(new Set(['accepted']));
  const took = readdirSync(folder).map(
    (name) => /^X-Rcpt-Args: <(.*)>/m.exec(readFileSync(join(folder, name), 'latin1'))?.[1],
  );
  expect(took.sort()).toEqual(readerAddresses(COUNT).sort());
});

async function waitUntilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
    await sleep(50);
  }
  throw new Error('The sink does not listen.');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
