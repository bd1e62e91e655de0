import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { idOf, openTestApi, type Call } from './client.js';

let testApp: TestApp;
let call: Call;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
  call = await (await openTestApi(testApp)).program('read', 'write');
});
beforeEach(() => testApp.context.db.run(sql`delete from provider_hooks`));
afterAll(() => testApp.close());

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:bounces';
const publicKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ format: 'der', type: 'spki' })
    .toString('base64');

test('hooks of all providers are added, listed and removed, and nothing that proves their requests is shown', async () => {
  const secret = randomUUID();
  const bodies = [
    { provider: 'ses', topicArn: TOPIC },
    { provider: 'mailgun', key: 'key-0123456789abcdef' },
    { provider: 'sendgrid', key: publicKey() },
    { provider: 'postmark', secret },
    { provider: 'brevo', secret: randomUUID() },
  ];
  for (const body of bodies) {
    const added = await call('POST', '/hooks', body);
    expect([added.status, added.body]).toEqual([
      201,
      expect.objectContaining({
        ...{ provider: body.provider, state: 'waiting', lastEventAt: null, unread: 0 },
        url: `${testApp.context.publicUrl}/hooks/${body.provider}`,
      }),
    ]);
    expect(JSON.stringify(added.body)).not.toMatch(new RegExp(`${secret}|key-0123`));
  }
  const { items } = (await call('GET', '/hooks')).body as { items: { id: string; provider: string }[] };
  expect(items.map(({ provider }) => provider)).toEqual(bodies.map(({ provider }) => provider));
  const [ses] = items;
  expect((await call('DELETE', `/hooks/${ses?.id}`)).status).toBe(204);
  expect((await call('DELETE', `/hooks/${ses?.id}`)).body['code']).toBe('no-such-hook');
  const kinds = await testApp.context.db.many(
    sql`select distinct kind from activity where kind like 'hook.%' order by 1`,
  );
  expect(kinds).toEqual([{ kind: 'hook.added' }, { kind: 'hook.removed' }]);
});

test('the secret that a program made up is what the requests of the provider are known by', async () => {
  const secret = randomUUID();
  const added = await call('POST', '/hooks', { provider: 'postmark', secret });
  const send = (password: string) =>
    fetch(`${testApp.url}/hooks/postmark`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`paperround:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ RecordType: 'Open', MessageID: randomUUID() }),
    });
  expect((await send(randomUUID())).status).toBe(401);
  expect((await send(secret)).status).toBe(200);
  const { items } = (await call('GET', '/hooks')).body as { items: { id: string; state: string }[] };
  expect(items).toMatchObject([{ id: idOf(added), state: 'confirmed' }]);
});

test('what is no topic or key, is there already, or is too short a secret, is refused with a code, and nothing is added', async () => {
  const codes = [];
  for (const body of [
    { provider: 'ses', topicArn: 'arn:aws:s3:::bucket' },
    { provider: 'mailgun', key: 'short' },
    { provider: 'sendgrid', key: 'AAAA' },
    { provider: 'postmark', secret: 'short' },
    { provider: 'brevo' },
    { provider: 'elsewhere' },
  ]) {
    const { status, body: answer } = await call('POST', '/hooks', body);
    codes.push([status, answer['code']]);
  }
  expect(codes.slice(0, 3)).toEqual([
    [422, 'wrong-topic'],
    [422, 'wrong-key'],
    [422, 'wrong-key'],
  ]);
  expect(codes.slice(3).map(([status]) => status)).toEqual([422, 422, 422]);
  expect((await call('GET', '/hooks')).body).toEqual({ items: [] });
  await call('POST', '/hooks', { provider: 'ses', topicArn: TOPIC });
  const again = await call('POST', '/hooks', { provider: 'ses', topicArn: TOPIC });
  expect([again.status, again.body['code']]).toEqual([409, 'known']);
});
