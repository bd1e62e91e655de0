import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addHook } from '../../../src/events/providers/change-hooks.js';
import { listHooks } from '../../../src/events/providers/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import {
  CERTIFICATE_PATH,
  sesBounce,
  sesComplaint,
  SNS_HOST,
  snsMessage,
  startAmazon,
  subscribeUrl,
  TOPIC,
  type Amazon,
} from '../../support/amazon.js';
import { EXPIRED_CERTIFICATE, OTHER_CERTIFICATE, SNS_CERTIFICATE } from '../../support/sns-certificates.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let amazon: Amazon;
let testApp: TestApp;

beforeAll(async () => {
  amazon = await startAmazon();
});
beforeEach(async () => {
  amazon.requests.length = 0;
  amazon.answers.clear();
  // Another process, which has fetched no certificate yet.
  testApp = await openTestApp({ fetchPage: amazon.fetchPage });
  await addHook(testApp.context, { provider: 'ses', topicArn: TOPIC });
}, 60_000);
afterEach(() => testApp.close());
afterAll(() => amazon.close());

async function post(message: unknown): Promise<number> {
  // As SNS sends it (https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html).
  const headers = { 'content-type': 'text/plain; charset=UTF-8' };
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  return (await fetch(`${testApp.url}/hooks/ses`, { method: 'POST', headers, body })).status;
}

const notify = (Message: string, more: Record<string, string> = {}, version: '1' | '2' = '2') =>
  snsMessage('Notification', { Message, ...more }, version);

async function hook() {
  const [only] = await listHooks(testApp.context.db);
  if (only === undefined) throw new Error('There is no hook');
  return only;
}

const readEvents = () =>
  testApp.context.db.many(sql`select class, scope, status, code, source from events order by class`);

const aMail = { messageId: '0102019ad3-4711', recipient: 'ada@example.com' };

describe('a topic', () => {
  test('is confirmed by the link that SNS sends, and waits until then', async () => {
    expect((await hook()).state).toBe('waiting');
    expect(await post(snsMessage('SubscriptionConfirmation'))).toBe(200);
    expect((await hook()).state).toBe('confirmed');
    expect(amazon.requests).toEqual([`https://${SNS_HOST}${CERTIFICATE_PATH}`, subscribeUrl()]);
  });

  test.each([
    ['of another host', subscribeUrl(TOPIC, 'sns.eu-west-1.amazonaws.com.attacker.example')],
    ['of another region', subscribeUrl(TOPIC, 'sns.us-east-1.amazonaws.com')],
    ['for another topic', subscribeUrl(`${TOPIC}2`)],
    ['that does something else', subscribeUrl().replace('ConfirmSubscription', 'Unsubscribe')],
    ['over http', subscribeUrl().replace('https:', 'http:')],
    ['that is none', 'javascript:alert(1)'],
  ])('is not confirmed by a link %s, though it is signed', async (_, SubscribeURL) => {
    expect(await post(snsMessage('SubscriptionConfirmation', { SubscribeURL }))).toBe(403);
    expect(await hook()).toMatchObject({ state: 'waiting', refusal: 'wrong-link' });
    expect(amazon.requests).toEqual([`https://${SNS_HOST}${CERTIFICATE_PATH}`]);
  });

  test('that SNS could not confirm is asked about again', async () => {
    amazon.answers.set('/', 500);
    expect(await post(snsMessage('SubscriptionConfirmation'))).toBe(503);
    expect(await hook()).toMatchObject({ state: 'waiting', refusal: 'confirmation-failed' });
    amazon.answers.clear();
    expect(await post(snsMessage('SubscriptionConfirmation'))).toBe(200);
    expect(await hook()).toMatchObject({ state: 'confirmed', refusal: null });
  });

  test('that sends no more is shown as ended, and a repeat of that ends nothing again', async () => {
    const end = snsMessage('UnsubscribeConfirmation');
    expect(await post(end)).toBe(200);
    expect((await hook()).state).toBe('ended');
    expect(await post(notify(sesBounce(aMail)))).toBe(200);
    expect(await post(end)).toBe(200);
    expect((await hook()).state).toBe('confirmed');
  });
});

describe('a notification', () => {
  test.each(['1', '2'] as const)('with a signature of version %s is recorded once', async (version) => {
    const message = notify(sesBounce(aMail), { Subject: 'Amazon SES Email Event Notification' }, version);
    for (let times = 0; times < 2; times++) expect(await post(message)).toBe(200);
    expect(await readEvents()).toEqual([
      { class: 'hard', scope: 'mailbox', status: '5.1.1', code: 550, source: 'ses' },
    ]);
    expect((await hook()).lastEventAt).toEqual(testApp.context.now());
  });

  test('fetches the certificate once a day', async () => {
    await post(notify(sesBounce(aMail)));
    await post(notify(sesComplaint(aMail)));
    expect(amazon.requests).toHaveLength(1);
    testApp.advanceClock(DAY_MS + 1);
    await post(notify(sesComplaint({ ...aMail, messageId: 'another' })));
    expect(amazon.requests).toHaveLength(2);
  });

  test('comes in any order, and under another id, with the same result', async () => {
    const both = [sesBounce(aMail), sesComplaint(aMail)];
    for (const content of [...both.toReversed(), ...both]) expect(await post(notify(content))).toBe(200);
    expect(await readEvents()).toMatchObject([{ class: 'complaint' }, { class: 'hard' }]);
  });

  test('of a kind that says nothing of a delivery, or in words, is stored and changes nothing', async () => {
    const { mail } = JSON.parse(sesBounce(aMail)) as { mail: object };
    expect(await post(notify(JSON.stringify({ eventType: 'Open', mail, open: {} })))).toBe(200);
    expect(await post(notify('Successfully validated SNS topic for Amazon SES event publishing.'))).toBe(200);
    expect(await readEvents()).toEqual([]);
    const stored = await testApp.context.db.many(
      sql`select recorded, ignored, unread from provider_requests`,
    );
    expect(stored).toEqual(Array.from({ length: 2 }, () => ({ recorded: 0, ignored: 1, unread: 0 })));
  });

  test('that is not as Amazon documents it is stored, and counted for the page', async () => {
    expect(await post(notify('{"notificationType":"Bounce","mail":{}}'))).toBe(200);
    expect(await readEvents()).toEqual([]);
    expect((await hook()).unread).toBe(1);
  });
});

describe('nothing is changed by', () => {
  const expectRefused = async (message: unknown, fetched: string[]) => {
    expect(await post(message)).toBe(403);
    expect(await readEvents()).toEqual([]);
    expect(await testApp.context.db.many(sql`select id from provider_requests`)).toEqual([]);
    expect((await hook()).state).toBe('waiting');
    expect(amazon.requests).toEqual(fetched);
  };
  const certificate = `https://${SNS_HOST}${CERTIFICATE_PATH}`;

  test('a message whose words were changed after it was signed', async () => {
    const message = {
      ...notify(sesBounce(aMail)),
      Message: sesBounce({ ...aMail, recipient: 'ben@example.com' }),
    };
    await expectRefused(message, [certificate]);
    expect((await hook()).refusal).toBe('wrong-signature');
  });

  test('a topic that nobody named, of whoever it is, and nothing is fetched for it', async () => {
    const message = notify(sesBounce(aMail), { TopicArn: 'arn:aws:sns:eu-west-1:999999999999:mail-events' });
    await expectRefused(message, []);
    expect((await hook()).refusal).toBeNull();
  });

  test.each([
    ['another host', `https://certs.example${CERTIFICATE_PATH}`],
    ['a host that only begins like it', `https://${SNS_HOST}.certs.example${CERTIFICATE_PATH}`],
    ['another region', `https://sns.us-east-1.amazonaws.com${CERTIFICATE_PATH}`],
    ['a bucket', `https://s3.eu-west-1.amazonaws.com${CERTIFICATE_PATH}`],
    ['http', `http://${SNS_HOST}${CERTIFICATE_PATH}`],
    ['another port', `https://${SNS_HOST}:8443${CERTIFICATE_PATH}`],
    ['the API of SNS', `https://${SNS_HOST}/?Action=GetEndpointAttributes&x=.pem`],
    ['a path with a query', `https://${SNS_HOST}${CERTIFICATE_PATH}?Action=GetEndpointAttributes`],
    ['behind a user name', `https://user@${SNS_HOST}${CERTIFICATE_PATH}`],
  ])('a certificate from %s', async (_, SigningCertURL) => {
    await expectRefused(notify(sesBounce(aMail), { SigningCertURL }), []);
    expect((await hook()).refusal).toBe('wrong-certificate');
  });

  test.each([
    ['has expired', EXPIRED_CERTIFICATE],
    ['is somebody else’s', OTHER_CERTIFICATE],
    ['is none', 'not a certificate'],
    ['is not there', 404],
    ['is somewhere else', '/moved.pem'],
  ])('a certificate that %s', async (_, answer) => {
    amazon.answers.set(CERTIFICATE_PATH, answer);
    amazon.answers.set('/moved.pem', SNS_CERTIFICATE);
    await expectRefused(notify(sesBounce(aMail)), [certificate]);
  });

  test.each([['', 'no JSON', '{}', '[]', 'null', '{"Type":"Notification"}', '\u0000']].flat())(
    'the body %j',
    async (body) => expectRefused(body, []),
  );

  test('what raw delivery sends: it is not signed', async () => {
    await expectRefused(sesBounce(aMail), []);
    expect((await hook()).refusal).toBe('unsigned');
  });
});

test('while the certificate cannot be fetched SNS is asked to come again, and then it is recorded', async () => {
  amazon.answers.set(CERTIFICATE_PATH, 500);
  const message = notify(sesBounce(aMail));
  expect(await post(message)).toBe(503);
  expect(await hook()).toMatchObject({ refusal: 'certificate-unavailable' });
  amazon.answers.set(CERTIFICATE_PATH, SNS_CERTIFICATE);
  expect(await post(message)).toBe(200);
  expect(await readEvents()).toHaveLength(1);
});

test('a body that is too large is not read', async () => {
  expect(await post('x'.repeat(9 * 1024 * 1024))).toBe(413);
});
