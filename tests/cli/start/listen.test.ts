import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listenForMailOrExplain } from '../../../src/cli/start/listen.js';
import { makeSelfSigned } from '../../../src/platform/crypto/self-signed.js';
import { openSmtpDialogue } from '../../support/smtp-dialogue.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ settings: { BOUNCE_DOMAIN: 'bounce.lantern.example' } });
});
afterAll(() => app.close());

test('a port that is taken stops the start with a sentence, and without a port nothing listens', async () => {
  expect(await listenForMailOrExplain(app.context)).toBeUndefined();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const config = { ...app.context.config, inboundPort: port };
  await expect(listenForMailOrExplain({ ...app.context, config })).rejects.toThrow(
    `INBOUND_PORT ${port} is taken by another program. Nothing was started.`,
  );
  await new Promise((resolve) => other.close(resolve));
  const listener = await listenForMailOrExplain({ ...app.context, config });
  expect(listener?.port).toBe(port);
  await listener?.stop();
});

test('the certificate for STARTTLS is the one that the settings name, and without its files nothing starts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paperround-tls-'));
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const config = { ...app.context.config, inboundPort: 0, inboundTls: { certFile, keyFile } };
  await expect(listenForMailOrExplain({ ...app.context, config })).rejects.toThrow('ENOENT');
  const { key, cert } = makeSelfSigned('mx.example', new Date());
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  const listener = await listenForMailOrExplain({ ...app.context, config });
  const client = await openSmtpDialogue(listener?.port ?? 0);
  await client.say('EHLO mx.example');
  expect(await client.say('STARTTLS')).toMatch(/^220/);
  client.socket.removeAllListeners('data');
  const secure = connect({ socket: client.socket, servername: 'mx.example', ca: [cert] });
  await new Promise((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
  expect(secure.authorized).toBe(true);
  client.close();
  await listener?.stop();
  rmSync(folder, { recursive: true, force: true });
});
