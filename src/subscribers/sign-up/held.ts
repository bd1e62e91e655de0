import type { RiskReason } from './risk.js';
import type { Context } from '../../platform/context.js';
import { enqueueDecisions } from './record-requests.js';
import type { HeldSelection } from './request.js';
import { releaseHeldRequests, deleteHeldRequests } from './writes.js';

const reasonTexts: Readonly<Record<RiskReason | 'flood', string>> = {
  unproved: 'Came during attack mode, from a browser that did not do the work',
  flood: 'Came when far more forms arrived than readers send',
  disposable: 'A throw-away address',
  'too-fast': 'Filled in faster than a person can',
  'busy-network': 'Many sign-ups from the same network within the hour',
  'machine-made': 'The address looks made up by a program',
};

/** Why a sign-up is held, in words for operators; a code without words stands for itself. */
export function describeHeldReason(code: string): string {
  return Object.hasOwn(reasonTexts, code) ? reasonTexts[code as keyof typeof reasonTexts] : code;
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
