import { verify } from 'node:crypto';
import { z } from 'zod';
import type { Hook } from '../../events/providers/hook.js';
import type { SnsCertificates } from './sns-certificates.js';
import { parseJson, refuse, type Genuine, type HookRequest, type Verdict } from './verdict.js';

const text = z.string();
const common = {
  MessageId: text.min(1).max(200),
  TopicArn: text,
  Message: text,
  Timestamp: text,
  SignatureVersion: z.enum(['1', '2']),
  Signature: text,
  SigningCertURL: text.max(2000),
};
const subscription = { Token: text, SubscribeURL: text.max(4000) };

const messageSchema = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('Notification'), ...common, Subject: text.nullish() }),
  z.object({ Type: z.literal('SubscriptionConfirmation'), ...common, ...subscription }),
  z.object({ Type: z.literal('UnsubscribeConfirmation'), ...common, ...subscription }),
]);
type SnsMessage = z.infer<typeof messageSchema>;

/** What is signed, by type and in this order (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html). */
const SUBSCRIPTION_FIELDS = [
  'Message',
  'MessageId',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
];
const SIGNED_FIELDS: Readonly<Record<SnsMessage['Type'], readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: SUBSCRIPTION_FIELDS,
  UnsubscribeConfirmation: SUBSCRIPTION_FIELDS,
};

const HASHES = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' } as const;

/**
 * Amazon SES tells by messages of SNS, which SNS signs. Any AWS account can have SNS sign what it says in a topic of its own, so
 * the topic is looked at first.
 */
export async function verifySes(
  certificates: SnsCertificates,
  { body }: HookRequest,
  hooks: readonly Hook[],
): Promise<Verdict> {
  const message = messageSchema.safeParse(parseJson(body)).data;
  if (message === undefined) return refuse('unsigned', hooks);
  const hook = hooks.find(({ topicArn }) => topicArn === message.TopicArn);
  // A stranger's topic says nothing about the set-up of ours.
  if (hook === undefined) return refuse('wrong-signature', []);
  const key = await certificates.keyAt(message.SigningCertURL, message.TopicArn);
  if (key === 'wrong') return refuse('wrong-certificate', [hook]);
  if (key === 'unavailable')
    return { kind: 'refused', refusal: 'certificate-unavailable', hooks: [hook], isUnavailable: true };
  const { SignatureVersion, Signature } = message;
  const isGenuine = verify(
    HASHES[SignatureVersion],
    signedText(message),
    key,
    Buffer.from(Signature, 'base64'),
  );
  if (!isGenuine) return refuse('wrong-signature', [hook]);
  return { kind: 'genuine', hook, key: message.MessageId, ...topicOf(message) };
}

/** Each field that is there, its name and its value on lines of their own. */
function signedText(message: SnsMessage): Buffer {
  const fields: Readonly<Record<string, string | null | undefined>> = message;
  const lines = SIGNED_FIELDS[message.Type].flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' ? [`${name}\n${value}\n`] : [];
  });
  return Buffer.from(lines.join(''));
}

function topicOf(message: SnsMessage): Pick<Genuine, 'topic'> {
  if (message.Type === 'SubscriptionConfirmation')
    return { topic: { kind: 'confirmation', link: message.SubscribeURL } };
  return message.Type === 'UnsubscribeConfirmation' ? { topic: { kind: 'end' } } : {};
}
