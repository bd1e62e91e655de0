import { actingAs } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { HOUR_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { markEmailConfirmed } from '../account-writes.js';
import { toEmailKey } from '../accounts.js';
import { afterCredentialChange } from '../credentials/record-credential-change.js';
import { takeSecondFactor } from '../credentials/second-factor.js';
import type { TotpContext } from '../credentials/totp.js';
import type { Operator } from '../operator.js';
import { findOperator, listOperators } from '../reads.js';
import { countRecoveries, findOpenRecovery, type Recovery } from './reads.js';
import { assignRecovery, closeRecoveries, insertRecovery, markRecoveryUsed } from './writes.js';

const RECOVERY_LIFETIME_MS = HOUR_MS;
const PURPOSE = 'operator-recovery';

/** Links that an account's address is mailed in an hour, whoever asks. Each of them works. */
const MAX_LINKS = 3;

/**
 * Somebody says that she cannot sign in. A job looks whose the address is, so that this takes as long for an address without an
 * account.
 */
export function requestRecovery(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  email: string,
): Promise<void> {
  const addressHash = hashAddress(toEmailKey(email));
  const [createdAt, expiresAt] = [now(), new Date(now().getTime() + RECOVERY_LIFETIME_MS)];
  return db.transaction(async (tx) => {
    const { id: recoveryId } = await insertRecovery(tx, { addressHash, createdAt, expiresAt });
    await enqueue(tx, 'answer-recovery', { recoveryId }, now());
  });
}

/**
 * Finds whose address it is that somebody typed. Undefined: nobody's, it was answered before, or the address has had enough
 * links for an hour.
 */
export async function assignToAccount(
  tx: Tx,
  recoveryId: string,
  { hashAddress, now }: Pick<Context, 'hashAddress' | 'now'>,
): Promise<{ operator: Operator; recovery: Recovery } | undefined> {
  const recovery = await findOpenRecovery(tx, recoveryId, now());
  if (recovery === undefined) return undefined;
  const operator = (await listOperators(tx)).find(({ emailKey }) =>
    hashAddress(emailKey).equals(recovery.addressHash),
  );
  if (operator === undefined) return undefined;
  const since = new Date(now().getTime() - RECOVERY_LIFETIME_MS);
  if ((await countRecoveries(tx, operator.id, since)) >= MAX_LINKS) return undefined;
  if ((await assignRecovery(tx, recoveryId, operator.id)) === 0) return undefined;
  return { operator, recovery };
}

/** Its link, which is signed and not stored. */
export function recoveryUrl(
  { links, publicUrl }: Pick<Context, 'links' | 'publicUrl'>,
  { id, expiresAt }: Pick<Recovery, 'id' | 'expiresAt'>,
): string {
  return `${publicUrl}/operator/recovery/${links.sign(PURPOSE, { scope: id, subject: id, expiresAt })}`;
}

/** Undefined: the link is not ours, was used, or has expired, or its account was removed. */
export async function openRecovery(
  { db, links, now }: Pick<Context, 'db' | 'links' | 'now'>,
  token: string,
): Promise<{ recovery: Recovery; operator: Operator } | undefined> {
  const claims = links.verify(PURPOSE, token, now());
  if (claims.kind !== 'valid') return undefined;
  const recovery = await findOpenRecovery(db, claims.subject, now());
  const operatorId = recovery?.operatorId ?? undefined;
  const operator = operatorId === undefined ? undefined : await findOperator(db, operatorId);
  return recovery && operator && { recovery, operator };
}

/** `over`: its link was used meanwhile. `code`: her account asks for a code after the password, and this one was not right. */
export type Recovered =
  | { kind: 'recovered' }
  | { kind: 'over' }
  | { kind: 'code'; why: 'wrong' | 'used' | 'locked' };

/**
 * Lets the owner of an account's address choose anew what she signs in with. Codes that are asked for after the password go on
 * being asked for, here too; all her sessions end, and her address is told.
 * @param store writes what she chose
 */
export async function recover(
  context: TotpContext,
  { recovery, operator, code }: { recovery: Recovery; operator: Operator; code: string },
  store: (tx: Tx) => Promise<void>,
): Promise<Recovered> {
  const { db, now } = context;
  const factor = await takeSecondFactor(context, operator.id, code);
  if (factor !== 'right' && factor !== 'not-needed') return { kind: 'code', why: factor };
  return db.transaction(async (tx) => {
    if ((await markRecoveryUsed(tx, recovery.id, now())) === undefined) return { kind: 'over' };
    await closeRecoveries(tx, operator.id, now());
    await store(tx);
    await markEmailConfirmed(tx, operator.id, now());
    const acting = actingAs(context, { kind: 'operator', id: operator.id });
    await afterCredentialChange(tx, acting, { operatorId: operator.id, kind: 'recovered' });
    return { kind: 'recovered' };
  });
}
