import { Secret, TOTP } from 'otpauth';
import { totpPurpose } from '../../src/operators/accounts.js';
import type { Context } from '../../src/platform/context.js';
import type { Keys } from '../../src/platform/crypto/keys.js';
import { openSecret } from '../../src/platform/crypto/wrapped-keys.js';

/** The code that an operator's program shows at a moment: now, when absent. */
export async function totpCode(
  { db, now, keys }: Pick<Context, 'db' | 'now'> & { keys: Keys },
  operatorId: string,
  at: Date = now(),
): Promise<string> {
  const opened = await db.transaction((tx) => openSecret(tx, keys, totpPurpose(operatorId)));
  if (opened.kind !== 'open') throw new Error('She has no secret for codes');
  const secret = new Secret({ buffer: new Uint8Array(opened.secret).buffer });
  return new TOTP({ secret }).generate({ timestamp: at.getTime() });
}
