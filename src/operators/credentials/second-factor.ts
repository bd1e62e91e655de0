import { findTotp } from './reads.js';
import { takeRecoveryCode } from './recovery-codes.js';
import { takeCode, type CodeCheck, type TotpContext } from './totp.js';

/** `not-needed`: her account has no codes. */
export type SecondFactorCheck = CodeCheck | 'not-needed';

/** Checks what was typed after a password: a code of her program, or a recovery code. Either works once. */
export function takeSecondFactor(
  context: TotpContext,
  operatorId: string,
  typed: string,
): Promise<SecondFactorCheck> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const totp = await findTotp(tx, operatorId);
    if (totp === undefined || totp.confirmedAt === null) return 'not-needed';
    const digits = typed.replace(/\s/g, '');
    if (/^\d{6}$/.test(digits)) return takeCode(tx, context, operatorId, digits);
    return (await takeRecoveryCode(tx, operatorId, typed, now())) ? 'right' : 'wrong';
  });
}

/** Whether a code is asked for after the password. */
export async function needsSecondFactor(
  { db }: Pick<TotpContext, 'db'>,
  operatorId: string,
): Promise<boolean> {
  const totp = await findTotp(db, operatorId);
  return totp !== undefined && totp.confirmedAt !== null;
}
