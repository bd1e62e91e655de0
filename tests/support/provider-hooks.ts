import { createHmac, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { addHook } from '../../src/events/providers/change-hooks.js';
import type { Provider } from '../../src/events/providers/provider.js';
import { sesBounce, sesComplaint, snsMessage, TOPIC } from './amazon.js';
import type { TestApp } from './test-app.js';

/** What a provider knows of a mail that it took. */
export type TakenMail = {
  recipient: string;
  /** In the header, with angle brackets. */
  messageId: string;
  /** Its reply to the final dot. */
  reply: string;
  /** Another header of the mail. */
  header(name: string): string;
};

export type SignedRequest = { headers: Record<string, string>; body: string };

/** A provider, as this test plays it: each of its requests is as its documentation has it. */
export type PlayedProvider = {
  /** Sets it up at ours. */
  addHook(app: TestApp): Promise<void>;
  /** Its reply to the final dot. */
  reply: string;
  bounce(mail: TakenMail): unknown;
  complaint(mail: TakenMail): unknown;
  delivered(mail: TakenMail): unknown;
  /** A kind of event that says nothing of a delivery. */
  opened(mail: TakenMail): unknown;
  /** A request with some content, as the provider proves it. */
  request(content: unknown, now: Date): SignedRequest;
  /** The same without the proof. */
  forge(request: SignedRequest): SignedRequest;
};

const seconds = (at: Date) => Math.floor(at.getTime() / 1000);
const AT = 1_795_337_970;
const bare = (id: string) => id.replace(/^<|>$/g, '');

const secrets = new Map<Provider, string>();

async function addWithSecret({ context }: TestApp, provider: 'postmark' | 'brevo'): Promise<void> {
  const added = await addHook(context, { provider });
  if (added.kind !== 'added') throw new Error(added.kind);
  secrets.set(provider, added.secret ?? '');
}

const json = { 'content-type': 'application/json' };
const forgeBySecret = (request: SignedRequest) => ({
  ...request,
  headers: { ...json, authorization: `Bearer ${'0'.repeat(64)}` },
});

const MAILGUN_KEY = randomBytes(16).toString('hex');
const sendgridKeys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

const ses: PlayedProvider = {
  addHook: async ({ context }) => void (await addHook(context, { provider: 'ses', topicArn: TOPIC })),
  reply: '250 Ok 0102019ad3c5b1f7-4711abcd-0a1b-4c2d-8e3f-112233445566-000000',
  bounce: ({ recipient, reply }) => sesBounce({ recipient, messageId: reply.slice('250 Ok '.length) }),
  complaint: ({ recipient, reply }) => sesComplaint({ recipient, messageId: reply.slice('250 Ok '.length) }),
  delivered: ({ recipient, messageId, reply }) =>
    JSON.stringify({
      eventType: 'Delivery',
      mail: {
        messageId: reply.slice('250 Ok '.length),
        headers: [{ name: 'Message-ID', value: messageId }],
      },
      delivery: { timestamp: '2026-11-22T08:59:31.000Z', recipients: [recipient], smtpResponse: '250 ok' },
    }),
  opened: ({ reply }) => JSON.stringify({ eventType: 'Open', mail: { messageId: reply.slice(7) }, open: {} }),
  request: (content) => ({
    headers: { 'content-type': 'text/plain; charset=UTF-8' },
    body: JSON.stringify(snsMessage('Notification', { Message: content as string })),
  }),
  forge: (request) => ({ ...request, body: request.body.replace('"Signature":"', '"Signature":"AAAA') }),
};

const mailgunEvent = ({ recipient, messageId }: TakenMail, event: object) => ({
  id: `mg-${JSON.stringify(event).length}-${bare(messageId).slice(0, 20)}`,
  timestamp: AT + 0.2717,
  recipient,
  message: { headers: { 'message-id': bare(messageId), to: recipient, from: 'news@lantern.example' } },
  ...event,
});

// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
const mailgun: PlayedProvider = {
  addHook: async ({ context }) => void (await addHook(context, { provider: 'mailgun', key: MAILGUN_KEY })),
  reply: '250 Great success',
  bounce: (mail) =>
    mailgunEvent(mail, {
      event: 'failed',
      severity: 'permanent',
      reason: 'bounce',
      'delivery-status': { code: 550, message: '5.1.1 The email account does not exist', description: '' },
    }),
  complaint: (mail) => mailgunEvent(mail, { event: 'complained' }),
  delivered: (mail) =>
    mailgunEvent(mail, { event: 'delivered', 'delivery-status': { code: 250, message: 'OK' } }),
  opened: (mail) => mailgunEvent(mail, { event: 'opened', ip: '192.0.2.1' }),
  request: (content, now) => {
    const [timestamp, token] = [String(seconds(now)), randomBytes(25).toString('hex')];
    const signature = createHmac('sha256', MAILGUN_KEY)
      .update(timestamp + token)
      .digest('hex');
    return {
      headers: json,
      body: JSON.stringify({ signature: { timestamp, token, signature }, 'event-data': content }),
    };
  },
  forge: (request) => ({ ...request, body: request.body.replace(/"token":"../, '"token":"zz') }),
};

const postmarkOwn = ({ header }: TakenMail) => ({
  MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
  ServerID: 23,
  Metadata: {
    'message-id-1': header('X-PM-Metadata-message-id-1'),
    'message-id-2': header('X-PM-Metadata-message-id-2'),
  },
});

// https://postmarkapp.com/developer/webhooks/bounce-webhook
const postmark: PlayedProvider = {
  addHook: (app) => addWithSecret(app, 'postmark'),
  reply: '250 OK',
  bounce: (mail) => ({
    RecordType: 'Bounce',
    ID: 692560173,
    Type: 'HardBounce',
    TypeCode: 1,
    Email: mail.recipient,
    Details: 'smtp;550 5.1.1 The email account that you tried to reach does not exist.',
    BouncedAt: '2026-11-22T08:59:30.0000000Z',
    Inactive: true,
    ...postmarkOwn(mail),
  }),
  complaint: (mail) => ({
    RecordType: 'SpamComplaint',
    ID: 42,
    Type: 'SpamComplaint',
    TypeCode: 100001,
    Email: mail.recipient,
    Details: 'Test spam complaint details',
    BouncedAt: '2026-11-22T08:59:40Z',
    ...postmarkOwn(mail),
  }),
  delivered: (mail) => ({
    RecordType: 'Delivery',
    Recipient: mail.recipient,
    DeliveredAt: '2026-11-22T08:59:31Z',
    Details: 'Test delivery webhook details',
    ...postmarkOwn(mail),
  }),
  opened: (mail) => ({ RecordType: 'Open', FirstOpen: true, Recipient: mail.recipient }),
  request: (content) => ({
    headers: {
      ...json,
      authorization: `Basic ${Buffer.from(`paperround:${secrets.get('postmark')}`).toString('base64')}`,
    },
    body: JSON.stringify(content),
  }),
  forge: forgeBySecret,
};

const sendgridEvent = ({ recipient, messageId, reply }: TakenMail, event: { event: string }) => ({
  email: recipient,
  timestamp: AT,
  'smtp-id': messageId,
  sg_event_id: `sg-${event.event}-${bare(messageId).slice(0, 30)}`,
  sg_message_id: `${reply.replace('250 Ok: queued as ', '')}.recvd-5f54b5d587-pczjm-1-67BADEEA-6.0`,
  ...event,
});

// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
const sendgrid: PlayedProvider = {
  addHook: async ({ context }) => {
    const key = sendgridKeys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    await addHook(context, { provider: 'sendgrid', key });
  },
  reply: '250 Ok: queued as 5RtCC7RyQwKHhzSpa9CHTQ',
  bounce: (mail) => [
    sendgridEvent(mail, {
      event: 'bounce',
      type: 'bounce',
      bounce_classification: 'Invalid Address',
      status: '5.1.1',
      reason: '550 5.1.1 The email account that you tried to reach does not exist.',
    } as { event: string }),
  ],
  complaint: (mail) => [sendgridEvent(mail, { event: 'spamreport' })],
  delivered: (mail) => [sendgridEvent(mail, { event: 'delivered', response: '250 OK' } as { event: string })],
  opened: (mail) => [sendgridEvent(mail, { event: 'open' })],
  request: (content, now) => signSendgrid(JSON.stringify(content), sendgridKeys.privateKey, now),
  forge: ({ body }) =>
    signSendgrid(body, generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey, new Date()),
};

export function signSendgrid(
  body: string,
  key: KeyObject = sendgridKeys.privateKey,
  now = new Date(),
): SignedRequest {
  const timestamp = String(seconds(now));
  return {
    headers: {
      ...json,
      'x-twilio-email-event-webhook-signature': sign('sha256', Buffer.from(timestamp + body), key).toString(
        'base64',
      ),
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
    body,
  };
}

const brevoEvent = ({ recipient, header, reply }: TakenMail, event: object) => ({
  email: recipient,
  id: 26224,
  date: '2026-11-22 09:59:30',
  ts: AT,
  'message-id': /<[^>]+>/.exec(reply)?.[0],
  ts_event: AT,
  'X-Mailin-custom': header('X-Mailin-custom'),
  ...event,
});

// https://developers.brevo.com/docs/transactional-webhooks
const brevo: PlayedProvider = {
  addHook: (app) => addWithSecret(app, 'brevo'),
  reply: '250 2.0.0 OK: queued as <202611220859.39927821747@smtp-relay.mailin.fr>',
  bounce: (mail) =>
    brevoEvent(mail, { event: 'hard_bounce', reason: '550 5.1.1 The email account does not exist' }),
  complaint: (mail) => brevoEvent(mail, { event: 'spam' }),
  delivered: (mail) => brevoEvent(mail, { event: 'delivered' }),
  opened: (mail) => brevoEvent(mail, { event: 'opened', link: 'https://lantern.example/' }),
  request: (content) => ({
    headers: { ...json, authorization: `Bearer ${secrets.get('brevo')}` },
    body: JSON.stringify(content),
  }),
  forge: forgeBySecret,
};

export const playedProviders: Readonly<Record<Provider, PlayedProvider>> = {
  ses,
  mailgun,
  postmark,
  sendgrid,
  brevo,
};
