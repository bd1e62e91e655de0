import { createSign, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFetcher, type FetchPage } from '../../src/platform/fetch/fetch-page.js';
import { SNS_CERTIFICATE, SNS_KEY } from './sns-certificates.js';

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:mail-events';
export const SNS_HOST = 'sns.eu-west-1.amazonaws.com';
export const CERTIFICATE_PATH = '/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem';

/** SNS of one region, on this machine. */
export type Amazon = {
  /** Reaches it as the world reaches SNS, and nobody else. */
  fetchPage: FetchPage;
  /** What it was asked for, with its host. */
  requests: string[];
  /** What it answers from now on; a status alone is an error, and a path is where it leads. */
  answers: Map<string, string | number>;
  close(): Promise<void>;
};

export async function startAmazon(): Promise<Amazon> {
  const requests: string[] = [];
  const answers = new Map<string, string | number>();
  const server = createServer((req, res) => {
    const path = (req.url ?? '').split('?')[0] ?? '';
    const answer =
      answers.get(path) ?? (path === CERTIFICATE_PATH ? SNS_CERTIFICATE : path === '/' ? '<ok/>' : 404);
    if (typeof answer === 'number') return res.writeHead(answer).end();
    return answer.startsWith('/') ? res.writeHead(302, { location: answer }).end() : res.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fetchHere = createFetcher({ allow: ['127.0.0.1'], userAgent: 'Paperround test' });
  const fetchPage: FetchPage = async (url, options) => {
    requests.push(url);
    const host = `https://${SNS_HOST}`;
    if (!url.startsWith(`${host}/`))
      return { kind: 'refused', failure: { code: 'no-ip-address', host: url } };
    const page = await fetchHere(url.replace(host, origin), options);
    return page.kind === 'fetched' ? { ...page, url: page.url.replace(origin, host) } : page;
  };
  return {
    fetchPage,
    requests,
    answers,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

type Fields = Record<string, string>;

/** A message of SNS, signed as it signs (https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html). */
export function snsMessage(type: string, fields: Fields = {}, version: '1' | '2' = '2'): Fields {
  const message: Fields = {
    Type: type,
    MessageId: randomUUID(),
    TopicArn: TOPIC,
    Message: 'You have chosen to subscribe to the topic.\nTo confirm, visit the SubscribeURL.',
    Timestamp: '2026-11-22T09:00:00.000Z',
    SignatureVersion: version,
    SigningCertURL: `https://${SNS_HOST}${CERTIFICATE_PATH}`,
    ...(type !== 'Notification' && { Token: '2336412f37', SubscribeURL: subscribeUrl() }),
    ...fields,
  };
  return { ...message, Signature: sign(message) };
}

export function subscribeUrl(topic = TOPIC, host = SNS_HOST): string {
  return `https://${host}/?Action=ConfirmSubscription&TopicArn=${topic}&Token=2336412f37`;
}

function sign(message: Fields): string {
  const names =
    message['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names.flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]));
  const hash = message['SignatureVersion'] === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  return createSign(hash).update(text.join('')).sign(SNS_KEY, 'base64');
}

/** What SES says of a bounce (https://docs.aws.amazon.com/ses/latest/dg/notification-examples.html). */
export function sesBounce(
  { messageId, recipient }: { messageId: string; recipient: string },
  bounce: object = {},
): string {
  return JSON.stringify({
    notificationType: 'Bounce',
    bounce: {
      feedbackId: `fb-${messageId}-000000`,
      bounceType: 'Permanent',
      bounceSubType: 'General',
      bouncedRecipients: [
        {
          emailAddress: recipient,
          action: 'failed',
          status: '5.1.1',
          diagnosticCode: `smtp; 550 5.1.1 <${recipient}>... User unknown`,
        },
      ],
      timestamp: '2026-11-22T08:59:30.000Z',
      reportingMTA: 'dns; email.example.com',
      ...bounce,
    },
    mail: {
      timestamp: '2026-11-22T08:59:00.000Z',
      source: 'news@lantern.example',
      messageId,
      destination: [recipient],
    },
  });
}

/** What SES says of a complaint. */
export function sesComplaint(
  { messageId, recipient }: { messageId: string; recipient: string },
  type = 'abuse',
): string {
  return JSON.stringify({
    notificationType: 'Complaint',
    complaint: {
      feedbackId: `fb-${messageId}-complaint`,
      complainedRecipients: [{ emailAddress: recipient }],
      complaintFeedbackType: type,
      timestamp: '2026-11-22T08:59:40.000Z',
    },
    mail: { timestamp: '2026-11-22T08:59:00.000Z', messageId, destination: [recipient] },
  });
}
