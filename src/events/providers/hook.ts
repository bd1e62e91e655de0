import type { Provider } from './provider.js';

/** One account or topic of a provider whose requests are taken. */
export type Hook = {
  id: string;
  provider: Provider;
  /** Amazon SES: the SNS topic. */
  topicArn: string | null;
  /** SendGrid: the key of its signatures (SubjectPublicKeyInfo, DER). */
  publicKey: Buffer | null;
  /** Postmark and Brevo: SHA-256 of the secret that their requests carry. */
  secretHash: Buffer | null;
  /** waiting: nothing genuine has come yet. ended: the topic no longer sends to us. */
  state: 'waiting' | 'confirmed' | 'ended';
  lastEventAt: Date | null;
  /** The last request that was refused, and why. */
  refusedAt: Date | null;
  refusal: Refusal | null;
  createdAt: Date;
};

/** Why a request was refused, as far as a hook can be told of it. */
export const refusals = [
  'wrong-signature',
  'wrong-secret',
  'unsigned',
  'token-used',
  'token-old',
  'wrong-certificate',
  'certificate-unavailable',
  'confirmation-failed',
  'wrong-link',
] as const;

export type Refusal = (typeof refusals)[number];

/** The name under which a hook's signing key is wrapped. */
export function hookSecretName(id: string): string {
  return `provider-hook:${id}`;
}

/** The parts of a topic's name (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html). */
export type Topic = { partition: string; region: string };

const TOPIC =
  /^arn:(aws|aws-cn|aws-us-gov|aws-eusc):sns:([a-z]{2,}(?:-[a-z]+)+-\d+):\d{12}:[\w-]{1,256}(?:\.fifo)?$/;

/** Undefined for what is no topic of SNS. */
export function parseTopicArn(arn: string): Topic | undefined {
  const [, partition, region] = TOPIC.exec(arn) ?? [];
  return partition === undefined || region === undefined ? undefined : { partition, region };
}
