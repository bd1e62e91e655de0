import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { lockOperator } from '../account-writes.js';
import { afterCredentialChange } from './record-credential-change.js';
import { readChallenge, type ChallengePurpose } from './passkey-challenge.js';
import { expectationsOf, loadLibrary, type PasskeyContext } from './passkey-options.js';
import { parseRegistration } from './passkey-response.js';
import { passkeySiteOf } from './passkey-site.js';
import { listPasskeys, summariseCredentials, type Passkey } from './reads.js';
import { deletePasskey, insertPasskey } from './writes.js';

/** A passkey that a browser has made for an account, checked and not stored yet. */
export type MadePasskey = Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports'>;

/** Undefined: not made here, for this account, within five minutes. */
export async function checkMadePasskey(
  { keys, now, publicUrl }: Pick<PasskeyContext, 'keys' | 'now' | 'publicUrl'>,
  operatorId: string,
  text: string,
): Promise<MadePasskey | undefined> {
  const site = passkeySiteOf(publicUrl);
  const response = parseRegistration(text);
  if (site === undefined || response === undefined) return undefined;
  const purpose: ChallengePurpose = { kind: 'add', operatorId };
  const { verifyRegistrationResponse } = await loadLibrary();
  const result = await verifyRegistrationResponse({
    response,
    ...expectationsOf(site, (challenge) => readChallenge(keys, purpose, challenge, now()) !== undefined),
    // It throws for whatever does not fit.
  }).catch(() => undefined);
  if (result?.registrationInfo === undefined || !result.verified) return undefined;
  const { id: credentialId, publicKey, counter, transports = [] } = result.registrationInfo.credential;
  return { credentialId, publicKey: Buffer.from(publicKey), counter, transports };
}

/**
 * Adds a passkey to an account: her other sessions end, and her address is told. False: it does not fit, or is known.
 * @param name by which she tells it from others
 */
export async function addPasskey(
  context: PasskeyContext & Pick<Context, 'actor'>,
  operatorId: string,
  { text, name, keepSid }: { text: string; name: string; keepSid: string },
): Promise<boolean> {
  const made = await checkMadePasskey(context, operatorId, text);
  if (made === undefined) return false;
  const { db, now } = context;
  return db.transaction(async (tx) => {
    if (!(await storePasskey(tx, { ...made, operatorId, name }, now()))) return false;
    await afterCredentialChange(tx, context, { operatorId, kind: 'passkey-added', keepSid });
    return true;
  });
}

/** False: it is known. */
export async function storePasskey(
  tx: Tx,
  passkey: MadePasskey & Pick<Passkey, 'operatorId' | 'name'>,
  now: Date,
): Promise<boolean> {
  return (await insertPasskey(tx, passkey, now)) > 0;
}

/** `last`: nothing else is left for her to sign in with. */
export function removePasskey(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  operatorId: string,
  { id, keepSid }: { id: string; keepSid: string },
): Promise<'removed' | 'unknown' | 'last'> {
  return context.db.transaction(async (tx) => {
    await lockOperator(tx, operatorId);
    const { passkeys, passwordChangedAt } = await summariseCredentials(tx, operatorId);
    const own = (await listPasskeys(tx, operatorId)).some((passkey) => passkey.id === id);
    if (!own) return 'unknown';
    if (passkeys === 1 && passwordChangedAt === null) return 'last';
    await deletePasskey(tx, operatorId, id);
    await afterCredentialChange(tx, context, { operatorId, kind: 'passkey-removed', keepSid });
    return 'removed';
  });
}
