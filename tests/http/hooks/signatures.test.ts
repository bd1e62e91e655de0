import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addHook, removeHook, renewHookSecret } from '../../../src/events/providers/change-hooks.js';
import type { Provider } from '../../../src/events/providers/provider.js';
import { listHooks } from '../../../src/events/providers/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { resetTestApp } from '../../support/fixtures.js';
import { playedProviders, signSendgrid } from '../../support/provider-hooks.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
beforeAll(async () => void (testApp = await openTestApp()));
beforeEach(() => resetTestApp(testApp));
afterAll(() => testApp.close());

async function post(provider: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${testApp.url}/hooks/${provider}`, { method: 'POST', headers, body });
}

async function add(proof: Parameters<typeof addHook>[1]): Promise<{ id: string; secret: string }> {
  const added = await addHook(testApp.context, proof);
  if (added.kind !== 'added') throw new Error(added.kind);
  return { id: added.id, secret: added.secret ?? '' };
}

const count = async (table: 'events' | 'provider_requests') => {
  const rows = table === 'events' ? sql`select id from events` : sql`select id from provider_requests`;
  return (await testApp.context.db.many(rows)).length;
};

test('a provider that is none is not found, and one that nobody set up is refused unread', async () => {
  for (const name of ['sparkpost', 'SES', 'ses/more', 'feed'])
    expect((await post(name, '{}')).status).toBe(404);
  for (const name of ['ses', 'mailgun', 'postmark', 'sendgrid', 'brevo'])
    expect((await post(name, '{}')).status).toBe(403);
  expect((await fetch(`${testApp.url}/hooks/ses`)).status).toBe(404);
});

describe('Postmark and Brevo', () => {
  const spam = (email: string) => JSON.stringify({ event: 'spam', email, 'message-id': '<1@mail.example>' });
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  test('are known by the secret of the hook alone, as a password or as a bearer token', async () => {
    const { secret } = await add({ provider: 'brevo' });
    const { secret: other } = await add({ provider: 'postmark' });
    const wrong = [
      '',
      'Bearer',
      `Bearer ${other}`,
      `Bearer ${secret} x`,
      basic(secret),
      basic(`${secret}:`),
      secret,
    ];
    for (const authorization of wrong) {
      const answer = await post(
        'brevo',
        spam('ada@example.com'),
        authorization === '' ? {} : { authorization },
      );
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="hooks"']);
    }
    expect(await count('provider_requests')).toBe(0);
    const right = [`Bearer ${secret}`, `bearer ${secret}`, basic(`anybody:${secret}`)];
    for (const [at, authorization] of right.entries())
      expect((await post('brevo', spam(`r${at}@example.com`), { authorization })).status).toBe(200);
    expect(await count('events')).toBe(3);
  });

  test('with a secret that was replaced or whose hook was removed are refused', async () => {
    const { id, secret } = await add({ provider: 'postmark' });
    const renewed = await renewHookSecret(testApp.context, id);
    const by = async (one: string | undefined) =>
      (await post('postmark', '{"RecordType":"Open"}', { authorization: `Bearer ${one}` })).status;
    expect([await by(secret), await by(renewed)]).toEqual([401, 200]);
    await removeHook(testApp.context, id);
    expect(await by(renewed)).toBe(403);
    expect(await count('provider_requests')).toBe(0);
  });

  test('nothing of a secret is stored but its hash', async () => {
    const { secret } = await add({ provider: 'postmark' });
    const [stored] = await testApp.context.db.many<{ text: string }>(sql`
      select row_to_json(h)::text as text from provider_hooks h
    `);
    expect(stored?.text).not.toContain(secret);
  });

  test('a genuine request that is no JSON is kept, counted, and answered: to send it again would not help', async () => {
    const { secret } = await add({ provider: 'postmark' });
    for (const body of ['', 'no JSON', '[]', 'null'])
      expect((await post('postmark', body, { authorization: `Bearer ${secret}` })).status).toBe(200);
    expect(await listHooks(testApp.context.db)).toMatchObject([{ unread: 4 }]);
    expect(await count('events')).toBe(0);
  });
});

describe('Mailgun', () => {
  const KEY = randomBytes(16).toString('hex');
  const event = { event: 'complained', id: 'one', recipient: 'ada@example.com', message: { headers: {} } };
  const signed = (token: string, at: Date, content: object = event, key = KEY) => {
    const timestamp = String(Math.floor(at.getTime() / 1000));
    const signature = createHmac('sha256', key)
      .update(timestamp + token)
      .digest('hex');
    return JSON.stringify({ signature: { timestamp, token, signature }, 'event-data': content });
  };
  const send = async (body: string) => (await post('mailgun', body)).status;
  const now = () => testApp.context.now();

  beforeEach(async () => void (await add({ provider: 'mailgun', key: KEY })));

  test('signs nothing of what it says, so each token counts once: the same again is a repeat, another body is refused', async () => {
    const token = randomBytes(25).toString('hex');
    const at = now();
    expect(await send(signed(token, at))).toBe(200);
    expect(await send(signed(token, at))).toBe(200);
    expect(await send(signed(token, at, { ...event, id: 'two', recipient: 'ben@example.com' }))).toBe(403);
    expect(await count('events')).toBe(1);
    expect(await listHooks(testApp.context.db)).toMatchObject([{ refusal: 'token-used' }]);
  });

  test('a signature counts for a day, which is longer than it repeats a request', async () => {
    const at = now();
    const late = signed('late', at);
    testApp.advanceClock(9 * HOUR_MS);
    expect(await send(signed('hours', at))).toBe(200);
    testApp.advanceClock(DAY_MS);
    expect(await send(late)).toBe(403);
    expect(await send(signed('ahead', new Date(now().getTime() + HOUR_MS)))).toBe(403);
    expect(await send(signed('never', new Date(Number.NaN)))).toBe(403);
    expect(await count('events')).toBe(1);
  });

  test('another key is refused, and a second account has one of its own', async () => {
    const second = randomBytes(16).toString('hex');
    expect(await send(signed('a', now(), event, second))).toBe(403);
    await add({ provider: 'mailgun', key: second });
    expect(await send(signed('a', now(), event, second))).toBe(200);
    expect(await send(signed('b', now()))).toBe(200);
  });

  test('a refusal is written down once a minute at most, whoever sends how many', async () => {
    const first = now();
    await send('{}');
    testApp.advanceClock(MINUTE_MS / 2);
    await send(signed('x', now(), event, 'wrong'));
    expect(await listHooks(testApp.context.db)).toMatchObject([{ refusedAt: first, refusal: 'unsigned' }]);
  });
});

describe('SendGrid', () => {
  beforeEach(() => playedProviders.sendgrid.addHook(testApp));
  const send = async (body: string) => {
    const request = signSendgrid(body, undefined, testApp.context.now());
    return (await post('sendgrid', request.body, request.headers)).status;
  };
  const item = (at: number, more: object = {}) => ({
    email: `reader-${at}@example.com`,
    timestamp: 1_795_337_970,
    event: 'bounce',
    type: 'bounce',
    status: '5.1.1',
    reason: '550 5.1.1 User unknown',
    sg_event_id: `event-${at}`,
    sg_message_id: `mail-${at}.recvd-1`,
    ...more,
  });

  test('10,000 events at once are all recorded, once, though one among them cannot be read', async () => {
    const events: unknown[] = Array.from({ length: 10_000 }, (_, at) => item(at));
    events.splice(5_000, 0, { event: 'bounce', email: 7 }, 'nothing', item(77, { reason: 'a\u0000b\ud800' }));
    const body = JSON.stringify(events);
    expect(await send(body)).toBe(200);
    expect(await count('events')).toBe(10_000);
    expect(await listHooks(testApp.context.db)).toMatchObject([{ unread: 2 }]);
    // The same events in another order, as another request.
    expect(await send(JSON.stringify(events.slice(0, 300).toReversed()))).toBe(200);
    expect(await count('events')).toBe(10_000);
  }, 60_000);

  test('the bytes are what is signed: one blank more and nothing is changed', async () => {
    const { headers, body } = signSendgrid(JSON.stringify([item(1)]));
    for (const wrong of [`${body} `, body.replace('reader-1', 'reader-2')])
      expect((await post('sendgrid', wrong, headers)).status).toBe(403);
    const stamp = { ...headers, 'x-twilio-email-event-webhook-timestamp': '1' };
    expect((await post('sendgrid', body, stamp)).status).toBe(403);
    expect(await count('events')).toBe(0);
    expect((await post('sendgrid', body, headers)).status).toBe(200);
  });

  test('more than eight megabytes are not read', async () => {
    expect(await send(JSON.stringify([item(1, { reason: 'x'.repeat(9_000_000) })]))).toBe(413);
    expect(await count('provider_requests')).toBe(0);
  });
});

test('what proves a provider is checked when it is set up', async () => {
  const { context } = testApp;
  const wrong: [Provider, object][] = [
    ['ses', { topicArn: '' }],
    ['ses', { topicArn: 'arn:aws:s3:::bucket' }],
    ['ses', { topicArn: 'arn:aws:sns:evil.example/:123456789012:x' }],
    ['mailgun', { key: '' }],
    ['sendgrid', { key: 'MFkw' }],
    ['sendgrid', { key: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=' }],
  ];
  for (const [provider, more] of wrong)
    expect((await addHook(context, { provider, ...more } as never)).kind).toMatch(/^wrong-(topic|key)$/);
  await playedProviders.sendgrid.addHook(testApp);
  await playedProviders.sendgrid.addHook(testApp);
  expect(await listHooks(context.db)).toHaveLength(1);
});
