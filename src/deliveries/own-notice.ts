import type { Db, Tx } from '../platform/db/database.js';
import { parseAddress } from '../subscribers/address.js';
import { findAddressChange, type AddressChange } from '../subscribers/address-reads.js';
import { stoppedBecause } from '../subscribers/repair.js';
import { isTombstone, type Subscription } from '../subscribers/subscription.js';
import type { OwnKind, OwnNotice, ReaderNotice } from './notice-reads.js';

const ownKinds: ReadonlySet<string> = new Set<OwnKind>([
  'manage-link',
  'address-confirm',
  'address-asked',
  'address-moved',
  'address-returned',
  'repair',
]);

export function isOwn(notice: ReaderNotice): notice is OwnNotice {
  return ownKinds.has(notice.kind);
}

/** Her subscription, at the address this notice is for: of a change of address, each side has its own mail. */
export async function atItsAddress(
  db: Db | Tx,
  notice: ReaderNotice,
  to: Subscription,
): Promise<Subscription> {
  if (!isOwn(notice) || !notice.kind.startsWith('address-')) return to;
  const email = emailOf(notice, await findAddressChange(db, notice.causeId));
  const parsed = parseAddress(email ?? '');
  return parsed.kind === 'malformed'
    ? to
    : { ...to, email: parsed.address.email, emailKey: parsed.address.key };
}

function emailOf({ kind }: OwnNotice, change: AddressChange | undefined): string | null | undefined {
  return kind === 'address-confirm' || kind === 'address-returned' ? change?.newEmail : change?.oldEmail;
}

/** Undefined: it is still true, and still of use. */
export async function whyOwnUnwanted(
  db: Db | Tx,
  notice: OwnNotice,
  to: Subscription,
): Promise<string | undefined> {
  if (isTombstone(to)) return 'erased';
  if (notice.kind === 'manage-link') return to.status === 'pending' ? 'pending' : undefined;
  if (notice.kind === 'repair') return undefined;
  const change = await findAddressChange(db, notice.causeId);
  // Its addresses are forgotten: whom it was for is not known any more.
  if (change === undefined || emailOf(notice, change) === null) return 'over';
  return change.state === stateTold[notice.kind] ? undefined : 'over';
}

const stateTold = {
  'address-confirm': 'asked',
  'address-asked': 'asked',
  'address-moved': 'confirmed',
  'address-returned': 'cancelled',
} as const;

/** She asked for this mail past the ban, and may. */
export async function mayBeRepaired(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<boolean> {
  return (await stoppedBecause(db, publicationId, addressHash))?.mayRepair ?? false;
}
