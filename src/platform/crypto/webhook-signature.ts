import { createHmac } from 'node:crypto';
import type { Keys } from './keys.js';

/** Signs what is POSTed to somebody else's server. */
export type WebhookSigner = {
  /** What the receiver verifies with, as Standard Webhooks write it: `whsec_` and the key in base64. */
  secret: string;
  /**
   * The headers of one message. `id` stays the same when it is sent again, so that the receiver can tell.
   * @param body exactly the text that is sent
   */
  headersFor(id: string, at: Date, body: string): Record<string, string>;
};

/**
 * Signs as Standard Webhooks 1.0.0 says (https://www.standardwebhooks.com): HMAC-SHA-256 of id, seconds and body. There is a
 * signature by each SECRET_KEY that may sign, so that receivers can change to a new one in their own time.
 */
export function createWebhookSigner(keys: Keys, purpose: string): WebhookSigner {
  const [first, ...rest] = keys;
  const secrets = [first, ...rest.filter(({ unsubscribeOnly }) => !unsubscribeOnly)].map((key) =>
    key.derive(purpose),
  );
  return {
    secret: `whsec_${first.derive(purpose).toString('base64')}`,
    headersFor: (id, at, body) => {
      const seconds = Math.floor(at.getTime() / 1000);
      const signatures = secrets.map(
        (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`,
      );
      return {
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': signatures.join(' '),
      };
    },
  };
}
