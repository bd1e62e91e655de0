import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { hookSecretName, type Hook } from '../../events/providers/hook.js';
import type { Context } from '../../platform/context.js';
import { loadKeys } from '../../platform/crypto/keys.js';
import { openSecret } from '../../platform/crypto/wrapped-keys.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import { UserFacingError } from '../../platform/user-facing-error.js';
import { parseJson, refuse, type HookRequest, type Verdict } from './verdict.js';

const signedSchema = z.object({
  signature: z.object({
    timestamp: z.union([z.string().max(20), z.number().transform(String)]),
    token: z.string().min(1).max(200),
    signature: z.string().regex(/^[0-9a-f]{64}$/i),
  }),
});

/** Mailgun repeats a request for 8 hours; whether each has a signature of its own is not said. */
const MAX_AGE_MS = DAY_MS;
const MAX_AHEAD_MS = 10 * MINUTE_MS;

/**
 * Mailgun signs a timestamp and a token, and nothing of what it says: each token counts once, for a day
 * (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
 */
export async function verifyMailgun(
  context: Pick<Context, 'db' | 'now' | 'config'>,
  { body }: HookRequest,
  hooks: readonly Hook[],
): Promise<Verdict> {
  const signed = signedSchema.safeParse(parseJson(body)).data?.signature;
  if (signed === undefined) return refuse('unsigned', hooks);
  const hook = await findSigner(context, hooks, signed);
  if (hook === undefined) return refuse('wrong-signature', hooks);
  const age = context.now().getTime() - Number(signed.timestamp) * 1000;
  if (!(age < MAX_AGE_MS && age > -MAX_AHEAD_MS)) return refuse('token-old', [hook]);
  return { kind: 'genuine', hook, key: signed.token };
}

async function findSigner(
  context: Pick<Context, 'db' | 'config'>,
  hooks: readonly Hook[],
  { timestamp, token, signature }: z.infer<typeof signedSchema>['signature'],
): Promise<Hook | undefined> {
  const given = Buffer.from(signature, 'hex');
  for (const hook of hooks) {
    const key = await readSigningKey(context, hook);
    const expected = createHmac('sha256', key).update(`${timestamp}${token}`).digest();
    if (timingSafeEqual(expected, given)) return hook;
  }
  return undefined;
}

/** @throws UserFacingError when none of our SECRET_KEYs opens it */
async function readSigningKey({ db, config }: Pick<Context, 'db' | 'config'>, { id }: Hook): Promise<Buffer> {
  const opened = await db.transaction((tx) => openSecret(tx, loadKeys(config), hookSecretName(id)));
  if (opened.kind === 'open') return opened.secret;
  throw new UserFacingError(
    'The signing key of Mailgun was stored under another SECRET_KEY and cannot be opened. Put the old key back, after a space behind the new one, or remove the hook and add it again.',
  );
}
