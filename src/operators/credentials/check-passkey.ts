import type { Operator } from '../operator.js';
import { findOperator } from '../reads.js';
import { readChallenge, type ChallengePurpose } from './passkey-challenge.js';
import { expectationsOf, loadLibrary, toUserHandle, type PasskeyContext } from './passkey-options.js';
import { parseAuthentication, type AuthenticationResponse } from './passkey-response.js';
import { passkeySiteOf } from './passkey-site.js';
import { findPasskey, type Passkey } from './reads.js';
import { insertUsedChallenge, recordPasskeyUse } from './writes.js';

/**
 * `went-back`: its counter is not above the last one, as when somebody has copied it (Web Authentication, Level 3, section
 * 6.1.1).
 */
export type PasskeyCheck =
  | { kind: 'right'; operator: Operator }
  | { kind: 'wrong' }
  | { kind: 'went-back'; passkeyId: string };

/** Checks the answer of a passkey. A challenge is answered once. */
export async function checkPasskey(
  context: PasskeyContext,
  purpose: ChallengePurpose,
  text: string,
): Promise<PasskeyCheck> {
  const { db, now } = context;
  const response = parseAuthentication(text);
  const passkey = response && (await findPasskey(db, response.id));
  const operator = passkey && (await findOperator(db, passkey.operatorId));
  if (response === undefined || passkey === undefined || operator === undefined) return { kind: 'wrong' };
  const { userHandle } = response.response;
  if (userHandle && userHandle !== Buffer.from(toUserHandle(operator.id)).toString('base64url'))
    return { kind: 'wrong' };
  const signed = await verifySignature(context, purpose, response, passkey);
  if (signed === undefined) return { kind: 'wrong' };
  return db.transaction(async (tx) => {
    if ((await insertUsedChallenge(tx, signed.challenge, signed.expiresAt)) === 0) return { kind: 'wrong' };
    const isAhead = signed.counter > passkey.counter || (signed.counter === 0 && passkey.counter === 0);
    if (!isAhead || (await recordPasskeyUse(tx, passkey, signed.counter, now())) === 0)
      return { kind: 'went-back', passkeyId: passkey.id };
    return { kind: 'right', operator };
  });
}

async function verifySignature(
  { keys, now, publicUrl }: PasskeyContext,
  purpose: ChallengePurpose,
  { response, ...rest }: AuthenticationResponse,
  { credentialId, publicKey }: Passkey,
): Promise<{ counter: number; challenge: string; expiresAt: Date } | undefined> {
  const site = passkeySiteOf(publicUrl);
  if (site === undefined) return undefined;
  let answered: { challenge: string; expiresAt: Date } | undefined;
  const { userHandle, ...signed } = response;
  const { verifyAuthenticationResponse } = await loadLibrary();
  const result = await verifyAuthenticationResponse({
    response: { ...rest, response: { ...signed, ...(userHandle ? { userHandle } : {}) } },
    // Without the last counter: that is compared by us, once the signature is known to be good.
    credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter: 0 },
    ...expectationsOf(site, (challenge) => {
      const expiresAt = readChallenge(keys, purpose, challenge, now());
      if (expiresAt !== undefined) answered = { challenge, expiresAt };
      return expiresAt !== undefined;
    }),
  }).catch(() => undefined);
  if (result === undefined || !result.verified || answered === undefined) return undefined;
  return { counter: result.authenticationInfo.newCounter, ...answered };
}
