import type { RiskReason } from './risk.js';
import type { Context } from '../../platform/context.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import { enqueueDecisions } from './record-requests.js';
import type { HeldSelection } from './request.js';
import { releaseHeldRequests, deleteHeldRequests } from './writes.js';

const heldReasons: readonly string[] = [
  'unproved',
  'flood',
  'disposable',
  'too-fast',
  'busy-network',
  'machine-made',
] satisfies (RiskReason | 'flood')[];

/** Why a sign-up is held, in words for operators; a code without words stands for itself. */
export function describeHeldReason(code: string, words: OperatorWords): string {
  return heldReasons.includes(code) ? words(`heldSignUp.${code}`) : code;
}

/**
 * Releases held sign-ups: each leads to a mail as if it had never been held.
 * @returns how many were held
 */
export async function releaseHeldSignUps(
  { db, now }: Pick<Context, 'db' | 'now'>,
  which: HeldSelection,
): Promise<number> {
  return db.transaction(async (tx) => {
    const ids = await releaseHeldRequests(tx, which);
    await enqueueDecisions(tx, ids, now());
    return ids.length;
  });
}

/**
 * Deletes held sign-ups, and mails nobody.
 * @returns how many were held
 */
export function deleteHeldSignUps({ db }: Pick<Context, 'db'>, which: HeldSelection): Promise<number> {
  return db.transaction((tx) => deleteHeldRequests(tx, which));
}
