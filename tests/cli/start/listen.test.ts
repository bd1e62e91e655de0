import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listenForMailOrExplain } from '../../../src/cli/start/listen.js';
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
