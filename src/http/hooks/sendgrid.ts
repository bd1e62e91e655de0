import { createPublicKey, verify } from 'node:crypto';
import type { Hook } from '../../events/providers/hook.js';
import { bodyKey, refuse, type HookRequest, type Verdict } from './verdict.js';

const SIGNATURE = 'x-twilio-email-event-webhook-signature';
const TIMESTAMP = 'x-twilio-email-event-webhook-timestamp';

/**
 * SendGrid signs the timestamp and the body, byte for byte, by ECDSA with SHA-256
 * (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).
 */
export function verifySendgrid({ header, body }: HookRequest, hooks: readonly Hook[]): Verdict {
  const [signature, timestamp] = [header(SIGNATURE), header(TIMESTAMP)];
  if (signature === undefined || timestamp === undefined) return refuse('unsigned', hooks);
  const signed = Buffer.concat([Buffer.from(timestamp), body]);
  const hook = hooks.find(({ publicKey }) => publicKey !== null && isSignedBy(publicKey, signed, signature));
  return hook === undefined
    ? refuse('wrong-signature', hooks)
    : { kind: 'genuine', hook, key: bodyKey(body) };
}

function isSignedBy(publicKey: Buffer, signed: Buffer, signature: string): boolean {
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  return verify('sha256', signed, key, Buffer.from(signature, 'base64'));
}
