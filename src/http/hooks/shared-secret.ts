import { timingSafeEqual } from 'node:crypto';
import type { Hook } from '../../events/providers/hook.js';
import { hashSecret } from '../../operators/api-token.js';
import { bodyKey, refuse, type HookRequest, type Verdict } from './verdict.js';

/**
 * The hook whose secret a request carries: as the password of basic authentication (RFC 7617), whatever the name, or as a bearer
 * token (RFC 6750). Postmark (https://postmarkapp.com/developer/webhooks/webhooks-overview#protecting-your-webhook) and Brevo
 * (https://developers.brevo.com/docs/secured-webhooks) sign nothing.
 */
function findBySecret(authorization: string | undefined, hooks: readonly Hook[]): Hook | undefined {
  const secret = readSecret(authorization ?? '');
  if (secret === undefined) return undefined;
  const hash = hashSecret(secret);
  return hooks.find(({ secretHash }) => secretHash !== null && timingSafeEqual(secretHash, hash));
}

function readSecret(authorization: string): string | undefined {
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}

export function carriesSecret(authorization: string | undefined, hooks: readonly Hook[]): boolean {
  return findBySecret(authorization, hooks) !== undefined;
}

export function verifySecret({ header, body }: HookRequest, hooks: readonly Hook[]): Verdict {
  const hook = findBySecret(header('authorization'), hooks);
  return hook === undefined ? refuse('wrong-secret', hooks) : { kind: 'genuine', hook, key: bodyKey(body) };
}
