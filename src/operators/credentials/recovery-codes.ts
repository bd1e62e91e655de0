import { randomBytes } from 'node:crypto';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { hashSecret } from '../api-token.js';
import { afterCredentialChange } from './record-credential-change.js';
import { deleteRecoveryCodes, insertRecoveryCodes, markRecoveryCodeUsed } from './writes.js';

const CODE_COUNT = 10;
/** 80 bits: as a hash it cannot be guessed from the database. */
const CODE_LENGTH = 16;
/** Crockford's base 32, without letters that look like digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** New recovery codes in place of all others. They are stored as hashes only. */
export async function makeRecoveryCodes(tx: Tx, operatorId: string): Promise<string[]> {
  const codes = Array.from({ length: CODE_COUNT }, makeCode);
  await deleteRecoveryCodes(tx, operatorId);
  await insertRecoveryCodes(
    tx,
    operatorId,
    codes.map((code) => hashSecret(code)),
  );
  return codes.map(inGroups);
}

/** The same, asked for by the operator: her other sessions end, and her address is told. */
export function replaceRecoveryCodes(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  { operatorId, keepSid }: { operatorId: string; keepSid: string },
): Promise<string[]> {
  return context.db.transaction(async (tx) => {
    const codes = await makeRecoveryCodes(tx, operatorId);
    await afterCredentialChange(tx, context, { operatorId, kind: 'recovery-codes', keepSid });
    return codes;
  });
}

/** Takes a recovery code as it was typed. Each works once. */
export async function takeRecoveryCode(
  tx: Tx,
  operatorId: string,
  typed: string,
  now: Date,
): Promise<boolean> {
  const code = normaliseCode(typed);
  return (await markRecoveryCodeUsed(tx, operatorId, hashSecret(code), now)) > 0;
}

function makeCode(): string {
  return Array.from(randomBytes(CODE_LENGTH), (octet) => ALPHABET.charAt(octet % ALPHABET.length)).join('');
}

function inGroups(code: string): string {
  return code.replace(/.{4}(?=.)/g, '$&-');
}

/** Letters that are mistaken for digits count as those (Crockford's base 32). */
function normaliseCode(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
}
