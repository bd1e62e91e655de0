import { hash, verify } from '@node-rs/argon2';
import { createConcurrencyLimit } from '../../platform/process/limit-concurrency.js';

/** argon2id as the OWASP Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane. About 20 ms. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Each takes 19 MiB and a thread of four that files and name servers need, too. */
const inTurn = createConcurrencyLimit({ max: 2, maxWaiting: 100 });

/** A hash of the same cost, of a password that nobody knows. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$84y/MYCAEoZlh/2EeucPQQ$t58jq9G5DMlRTIMXIqGdWO2CAlHMTPBBAqfWMqqUqsQ';

/**
 * In the PHC string format, with its salt and cost.
 * @throws TooManyWaitingError
 */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(normalise(password), ARGON2ID));
}

/**
 * Takes as long whether there is a hash or not, so that nobody can tell by the time who has a password.
 * @throws TooManyWaitingError
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  const isRight = await inTurn(() => verify(stored ?? NOBODYS_HASH, normalise(password)));
  return stored !== undefined && isRight;
}

/** The same characters, however a keyboard composes them (NIST SP 800-63B, section 3.1.1.2). */
function normalise(password: string): string {
  return password.normalize('NFKC');
}
