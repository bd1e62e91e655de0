import { Secret, TOTP } from 'otpauth';
import type { Context } from '../../platform/context.js';
import type { Keys } from '../../platform/crypto/keys.js';
import { deleteSecret, openSecret, storeSecret } from '../../platform/crypto/wrapped-keys.js';
import type { Tx } from '../../platform/db/database.js';
import { SECOND_MS } from '../../platform/durations.js';
import { totpPurpose } from '../accounts.js';
import { afterCredentialChange } from './record-credential-change.js';
import { findTotp } from './reads.js';
import { makeRecoveryCodes } from './recovery-codes.js';
import {
  deleteRecoveryCodes,
  deleteTotp,
  markTotpConfirmed,
  takeTotpStep,
  upsertUnconfirmedTotp,
} from './writes.js';

export type TotpContext = Pick<Context, 'db' | 'now'> & { keys: Keys };

/** As all programs for codes know them (RFC 6238): SHA-1, six digits, a new one each 30 seconds. */
const PERIOD_SECONDS = 30;
const PARAMETERS = { issuer: 'Paperround', algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS };
/** In octets, as RFC 4226 section 4 recommends. */
const SECRET_BYTES = 20;
/** Codes of the step before and after are taken, too: clocks differ, and people type (RFC 6238 section 5.2). */
const WINDOW_STEPS = 1;

/** `locked`: the server has no SECRET_KEY any more that opens the secret. */
export type CodeCheck = 'right' | 'wrong' | 'used' | 'locked';

/** Makes a new secret, which is used once a code of it was typed. False: codes are on already. */
export function beginTotp({ db, now, keys }: TotpContext, operatorId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    if ((await upsertUnconfirmedTotp(tx, operatorId, now())) === 0) return false;
    await deleteSecret(tx, totpPurpose(operatorId));
    const secret = Buffer.from(new Secret({ size: SECRET_BYTES }).bytes);
    await storeSecret(tx, keys, totpPurpose(operatorId), secret);
    return true;
  });
}

/** What a program for codes has to know: for typing, and as an address for its camera. Undefined: none was begun. */
export function readTotpSetUp(
  { db, keys }: TotpContext,
  { id, email }: { id: string; email: string },
): Promise<{ secret: string; uri: string } | undefined> {
  return db.transaction(async (tx) => {
    const totp = await findTotp(tx, id);
    if (totp === undefined || totp.confirmedAt !== null) return undefined;
    const opened = await openSecret(tx, keys, totpPurpose(id));
    if (opened.kind !== 'open') return undefined;
    const made = programFor(opened.secret, email);
    return { secret: made.secret.base32, uri: made.toString() };
  });
}

/**
 * Switches codes on, with the first of them: from now on one is asked for after each password. Her other sessions end, and
 * her address is told.
 * @returns the codes for when she has lost her telephone, which are never shown again
 */
export function confirmTotp(
  context: TotpContext & Pick<Context, 'actor'>,
  { operatorId, code, keepSid }: { operatorId: string; code: string; keepSid: string },
): Promise<{ kind: 'on'; recoveryCodes: string[] } | { kind: 'not-right' }> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    if ((await takeCode(tx, context, operatorId, code)) !== 'right') return { kind: 'not-right' };
    if ((await markTotpConfirmed(tx, operatorId, now())) === 0) return { kind: 'not-right' };
    const recoveryCodes = await makeRecoveryCodes(tx, operatorId);
    await afterCredentialChange(tx, context, { operatorId, kind: 'totp-on', keepSid });
    return { kind: 'on', recoveryCodes };
  });
}

/** Codes are not asked for any more, and recovery codes are gone with them. */
export function switchTotpOff(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  { operatorId, keepSid }: { operatorId: string; keepSid: string },
): Promise<void> {
  return context.db.transaction(async (tx) => {
    await deleteSecret(tx, totpPurpose(operatorId));
    await deleteRecoveryCodes(tx, operatorId);
    const wasOn = (await deleteTotp(tx, operatorId)) > 0;
    if (wasOn) await afterCredentialChange(tx, context, { operatorId, kind: 'totp-off', keepSid });
  });
}

/** Checks a code. Each is taken once: a second time it is `used`. */
export async function takeCode(
  tx: Tx,
  { keys, now }: Pick<TotpContext, 'keys' | 'now'>,
  operatorId: string,
  code: string,
): Promise<CodeCheck> {
  const opened = await openSecret(tx, keys, totpPurpose(operatorId));
  if (opened.kind === 'locked') return 'locked';
  if (opened.kind === 'none') return 'wrong';
  const timestamp = now().getTime();
  const delta = programFor(opened.secret, '').validate({ token: code, timestamp, window: WINDOW_STEPS });
  if (delta === null) return 'wrong';
  const step = Math.floor(timestamp / (PERIOD_SECONDS * SECOND_MS)) + delta;
  return (await takeTotpStep(tx, operatorId, step)) > 0 ? 'right' : 'used';
}

function programFor(secret: Buffer, label: string): TOTP {
  const bytes = new Uint8Array(secret).buffer;
  return new TOTP({ ...PARAMETERS, label, secret: new Secret({ buffer: bytes }) });
}
