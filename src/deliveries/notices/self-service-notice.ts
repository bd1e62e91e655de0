import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS, HOUR_MS } from '../../platform/durations.js';
import { parseAddress } from '../../subscribers/address.js';
import { findAddressChange } from '../../subscribers/address-change/reads.js';
import type { AddressChange } from '../../subscribers/address-change/address-change.js';
import { UNDO_WINDOW_MS } from '../../subscribers/leave/restore-subscription.js';
import type { AddressHashes } from '../../subscribers/suppression/address-hashes.js';
import { findBounceOrComplaint } from '../../subscribers/suppression/lift-suppression.js';
import { isTombstone, type Subscription } from '../../subscribers/subscription.js';
import type { SkipReason } from '../skip-reason.js';
import type { ReaderNotice, SelfServiceKind, SelfServiceNotice } from './notice.js';

type KindRules = {
  /** After this it is not worth sending. */
  lifetimeMs: number;
  /** Of a change of address: which of the two addresses it goes to, and the state of the change in which it is true. */
  change?: { to: 'old' | 'new'; state: AddressChange['state'] };
};

const rules: Record<SelfServiceKind, KindRules> = {
  'manage-link': { lifetimeMs: HOUR_MS },
  'address-confirm': { lifetimeMs: 3 * DAY_MS, change: { to: 'new', state: 'asked' } },
  'address-asked': { lifetimeMs: 3 * DAY_MS, change: { to: 'old', state: 'asked' } },
  'address-moved': { lifetimeMs: 3 * DAY_MS, change: { to: 'old', state: 'confirmed' } },
  'address-returned': { lifetimeMs: 3 * DAY_MS, change: { to: 'new', state: 'cancelled' } },
  repair: { lifetimeMs: 3 * DAY_MS },
  left: { lifetimeMs: UNDO_WINDOW_MS },
};

export function isSelfService(notice: ReaderNotice): notice is SelfServiceNotice {
  return notice.kind in rules;
}

export function noticeLifetimeMs(kind: SelfServiceKind): number {
  return rules[kind].lifetimeMs;
}

/** Whether it goes to the new address of a change of address. */
export function isForNewAddress(kind: SelfServiceKind): boolean {
  return rules[kind].change?.to === 'new';
}

/** Her subscription, with the address that this notice is for: in a change of address, each side has its own mail. */
export async function withNoticeAddress(
  db: Db | Tx,
  notice: ReaderNotice,
  to: Subscription,
): Promise<Subscription> {
  if (!isSelfService(notice) || rules[notice.kind].change === undefined) return to;
  const email = noticeEmail(notice.kind, await findAddressChange(db, notice.causeId));
  const parsed = parseAddress(email ?? '');
  return parsed.kind === 'malformed'
    ? to
    : { ...to, email: parsed.address.email, emailKey: parsed.address.key };
}

function noticeEmail(kind: SelfServiceKind, change: AddressChange | undefined): string | null | undefined {
  return isForNewAddress(kind) ? change?.newEmail : change?.oldEmail;
}

/** Undefined: what it tells is still so, and still of use. */
export async function selfServiceSkipReason(
  db: Db | Tx,
  notice: SelfServiceNotice,
  to: Subscription,
): Promise<SkipReason | undefined> {
  if (isTombstone(to)) return 'erased';
  if (notice.kind === 'manage-link') return to.status === 'pending' ? 'pending' : undefined;
  if (notice.kind === 'left') return to.status === 'unsubscribed' ? undefined : 'over';
  const expected = rules[notice.kind].change;
  if (expected === undefined) return undefined;
  const change = await findAddressChange(db, notice.causeId);
  // The addresses of an old change are deleted: whom the notice was for is not known any more.
  if (change === undefined || noticeEmail(notice.kind, change) === null) return 'over';
  return change.state === expected.state ? undefined : 'over';
}

/** Whether a reader may be asked at a suppressed address if mail may come again; the suppression itself does not stop it. */
export async function maySendRepair(
  db: Db | Tx,
  publicationId: string,
  hashes: AddressHashes,
): Promise<boolean> {
  return (await findBounceOrComplaint(db, publicationId, hashes)) !== undefined;
}
