import type { Context } from '../../platform/context.js';
import type { Keys } from '../../platform/crypto/keys.js';
import type { Operator } from '../operator.js';
import { createChallenge, type ChallengePurpose } from './passkey-challenge.js';
import { passkeySiteOf, type PasskeySite } from './passkey-site.js';
import { listPasskeys } from './reads.js';

export type PasskeyContext = Pick<Context, 'db' | 'now' | 'publicUrl'> & { keys: Keys };

/** The library takes 36 MB of memory: it is loaded with the first passkey. */
export const loadLibrary = () => import('@simplewebauthn/server');

/** Whoever has it has shown by it both that she holds it and that it is she, by a finger, her face or a PIN. */
const USER_VERIFICATION = 'required';

/** The options with which a browser asks for any passkey of this site; undefined where there can be none. */
export async function optionsToSignIn(
  { keys, now, publicUrl }: Pick<PasskeyContext, 'keys' | 'now' | 'publicUrl'>,
  purpose: ChallengePurpose,
) {
  const site = passkeySiteOf(publicUrl);
  if (site === undefined) return undefined;
  const { generateAuthenticationOptions } = await loadLibrary();
  return generateAuthenticationOptions({
    rpID: site.rpId,
    challenge: createChallenge(keys, purpose, now()),
    userVerification: USER_VERIFICATION,
  });
}

/**
 * The options with which a browser makes a passkey for an account; undefined where there can be none.
 * @param account need not be there yet: an invitation leads to it
 */
export async function optionsToAdd(
  { db, keys, now, publicUrl }: PasskeyContext,
  account: Pick<Operator, 'id' | 'email' | 'name'>,
) {
  const site = passkeySiteOf(publicUrl);
  if (site === undefined) return undefined;
  const { generateRegistrationOptions } = await loadLibrary();
  const known = await listPasskeys(db, account.id);
  return generateRegistrationOptions({
    rpName: 'Paperround',
    rpID: site.rpId,
    userID: toUserHandle(account.id),
    userName: account.email,
    userDisplayName: account.name ?? account.email,
    challenge: createChallenge(keys, { kind: 'add', operatorId: account.id }, now()),
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
    authenticatorSelection: { residentKey: 'required', userVerification: USER_VERIFICATION },
  });
}

/** What the library is to compare. */
export function expectationsOf(
  { rpId, origin }: PasskeySite,
  expectedChallenge: (challenge: string) => boolean,
) {
  return { expectedChallenge, expectedOrigin: origin, expectedRPID: rpId, requireUserVerification: true };
}

/** The octets of her id, which says nothing about her (Web Authentication, Level 3, section 14.6.1). */
export function toUserHandle(operatorId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(operatorId.replaceAll('-', ''), 'hex'));
}
