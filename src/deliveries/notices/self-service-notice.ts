import type { Db, Tx } from '../../platform/db/database.js';
import { parseAddress } from '../../subscribers/address.js';
import { findAddressChange, type AddressChange } from '../../subscribers/address-change/reads.js';
import { findBounceOrComplaint } from '../../subscribers/suppression/lift-suppression.js';
import { isTombstone, type Subscription } from '../../subscribers/subscription.js';
import type { SelfServiceKind, SelfServiceNotice, ReaderNotice } from './reads.js';

const selfServiceKinds: ReadonlySet<string> = new Set<SelfServiceKind>([
  'manage-link',
  'address-confirm',
  'address-asked',
  'address-moved',
  'address-returned',
  'repair',
]);

export function isSelfService(notice: ReaderNotice): notice is SelfServiceNotice {
  return selfServiceKinds.has(notice.kind);
}

/** Her subscription, at the address this notice is for: of a change of address, each side has its own mail. */
export async function withNoticeAddress(
  db: Db | Tx,
  notice: ReaderNotice,
  to: Subscription,
): Promise<Subscription> {
  if (!isSelfService(notice) || !notice.kind.startsWith('address-')) return to;
  const email = noticeEmail(notice, await findAddressChange(db, notice.causeId));
  const parsed = parseAddress(email ?? '');
  return parsed.kind === 'malformed'
    ? to
    : { ...to, email: parsed.address.email, emailKey: parsed.address.key };
}

function noticeEmail(
  { kind }: SelfServiceNotice,
  change: AddressChange | undefined,
): string | null | undefined {
  return kind === 'address-confirm' || kind === 'address-returned' ? change?.newEmail : change?.oldEmail;
}

/** Undefined: it is still true, and still of use. */
export async function selfServiceSkipReason(
  db: Db | Tx,
  notice: SelfServiceNotice,
  to: Subscription,
): Promise<string | undefined> {
  if (isTombstone(to)) return 'erased';
  if (notice.kind === 'manage-link') return to.status === 'pending' ? 'pending' : undefined;
  if (notice.kind === 'repair') return undefined;
  const change = await findAddressChange(db, notice.causeId);
  // Its addresses are forgotten: whom it was for is not known any more.
  if (change === undefined || noticeEmail(notice, change) === null) return 'over';
  return change.state === expectedChangeState[notice.kind] ? undefined : 'over';
}

const expectedChangeState = {
  'address-confirm': 'asked',
  'address-asked': 'asked',
  'address-moved': 'confirmed',
  'address-returned': 'cancelled',
} as const;

/** She asked for this mail past the ban, and may. */
export async function maySendRepair(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<boolean> {
  return (await findBounceOrComplaint(db, publicationId, addressHash))?.mayLift ?? false;
}
