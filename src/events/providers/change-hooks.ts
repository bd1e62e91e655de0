import { createPublicKey, randomBytes } from 'node:crypto';
import { recordActivity } from '../../operators/activity/record-activity.js';
import { hashSecret } from '../../operators/api-token.js';
import type { Context } from '../../platform/context.js';
import { loadKeys } from '../../platform/crypto/keys.js';
import { deleteSecret, storeSecret } from '../../platform/crypto/wrapped-keys.js';
import type { Tx } from '../../platform/db/database.js';
import { hookSecretName, parseTopicArn } from './hook.js';
import type { Provider } from './provider.js';
import { listHooksOf } from './reads.js';
import { deleteHook, insertHook, lockHooks, replaceSecret, type NewHook } from './writes.js';

type HookContext = Pick<Context, 'db' | 'now' | 'actor' | 'config'>;

/**
 * What proves the requests of a provider: `key` is the signing key of Mailgun, or the public key of SendGrid as it shows it; `secret`
 * one that the caller has made up, of 32 characters or more.
 */
export type HookProof =
  | { provider: 'ses'; topicArn: string }
  | { provider: 'mailgun' | 'sendgrid'; key: string }
  | { provider: 'postmark' | 'brevo'; secret?: string };

export type AddedHook =
  /** `secret` is for the provider, and is not shown again; undefined where the caller has made it. */
  | { kind: 'added'; id: string; secret?: string }
  | { kind: 'wrong-topic' | 'wrong-key' | 'known' | 'too-many' };

/** Each genuine or forged request may be compared with all of its provider. */
export const MAX_HOOKS_OF_PROVIDER = 20;

/** From now on requests of this account or topic are taken. */
export async function addHook(context: HookContext, proof: HookProof): Promise<AddedHook> {
  const checked = checkProof(proof);
  if ('mistake' in checked) return { kind: checked.mistake };
  const { db, now, config } = context;
  return db.transaction(async (tx) => {
    await lockHooks(tx);
    if ((await listHooksOf(tx, proof.provider)).length >= MAX_HOOKS_OF_PROVIDER) return { kind: 'too-many' };
    const hook = await insertHook(tx, checked.row, now());
    if (hook === undefined) return { kind: 'known' };
    if (checked.signingKey !== undefined)
      await storeSecret(tx, loadKeys(config), hookSecretName(hook.id), Buffer.from(checked.signingKey));
    await recordHookActivity(tx, context, 'hook.added', { id: hook.id, provider: proof.provider });
    const { secret } = checked;
    return { kind: 'added', id: hook.id, ...(secret !== undefined && { secret }) };
  });
}

/** Its requests are refused from now on, and what they brought is deleted; what was recorded of readers stays. */
export function removeHook(context: HookContext, id: string): Promise<boolean> {
  return context.db.transaction(async (tx) => {
    const removed = await deleteHook(tx, id);
    if (removed === undefined) return false;
    await deleteSecret(tx, hookSecretName(id));
    await recordHookActivity(tx, context, 'hook.removed', { id, ...removed });
    return true;
  });
}

/**
 * Another secret instead of one that was lost or seen; the old one counts no more.
 * @returns undefined for a hook without a secret of ours
 */
export function renewHookSecret(context: HookContext, id: string): Promise<string | undefined> {
  return context.db.transaction(async (tx) => {
    const secret = newSecret();
    const renewed = await replaceSecret(tx, id, hashSecret(secret));
    if (renewed === undefined) return undefined;
    await recordHookActivity(tx, context, 'hook.secret-renewed', { id, ...renewed });
    return secret;
  });
}

function recordHookActivity(
  tx: Tx,
  context: HookContext,
  kind: 'hook.added' | 'hook.removed' | 'hook.secret-renewed',
  { id, provider }: { id: string; provider: Provider },
): Promise<void> {
  const of = { publicationId: null, subjectId: id };
  const named = { provider };
  if (kind === 'hook.removed') return recordActivity(tx, context, { kind, ...of, before: named });
  return recordActivity(tx, context, { kind, ...of, after: named });
}

type CheckedProof =
  | { row: NewHook; secret?: string; signingKey?: string }
  | { mistake: 'wrong-topic' | 'wrong-key' };

function checkProof(proof: HookProof): CheckedProof {
  const row = { provider: proof.provider, topicArn: null, publicKey: null, secretHash: null };
  switch (proof.provider) {
    case 'ses': {
      const topicArn = proof.topicArn.trim();
      return parseTopicArn(topicArn) === undefined
        ? { mistake: 'wrong-topic' }
        : { row: { ...row, topicArn } };
    }
    case 'mailgun': {
      const signingKey = proof.key.trim();
      return SIGNING_KEY.test(signingKey) ? { row, signingKey } : { mistake: 'wrong-key' };
    }
    case 'sendgrid': {
      const publicKey = readPublicKey(proof.key);
      return publicKey === undefined ? { mistake: 'wrong-key' } : { row: { ...row, publicKey } };
    }
    case 'postmark':
    case 'brevo': {
      if (proof.secret !== undefined) return { row: { ...row, secretHash: hashSecret(proof.secret) } };
      const secret = newSecret();
      return { row: { ...row, secretHash: hashSecret(secret) }, secret };
    }
  }
}

/** Shown by Mailgun as "HTTP webhook signing key"; an empty one would let anybody sign. */
const SIGNING_KEY = /^[\w-]{16,200}$/;

/** SendGrid shows the DER of its public key in base64; somebody may have made PEM of it. */
function readPublicKey(text: string): Buffer | undefined {
  const der = Buffer.from(text.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ec' ? key.export({ format: 'der', type: 'spki' }) : undefined;
  } catch {
    return undefined;
  }
}

/** 256 random bits, in letters that may stand in a URL before its host. */
function newSecret(): string {
  return randomBytes(32).toString('hex');
}
