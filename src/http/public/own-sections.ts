import type { Context } from '../../platform/context.js';
import { maskAddress } from '../../subscribers/address.js';
import { confirmAddressBy } from '../../subscribers/address-change.js';
import { listAddressChanges } from '../../subscribers/address-reads.js';
import { stoppedBecause, type Stopped } from '../../subscribers/repair.js';
import type { Manager } from './manage-token.js';

/** What an answer to one of these forms says on the page that follows it. */
const told = ['link', 'link-later', 'link-stopped', 'address', 'repair', 'repair-later'] as const;
export type Told = (typeof told)[number];

/** What the settings page shows of her address, her data, and why mail stopped. */
export type OwnSections = {
  own: boolean;
  ownExpired: boolean;
  email: string;
  maskedEmail: string;
  /** There is a subscription to read at another address. */
  mayMove: boolean;
  /** Waits to be confirmed; shown to her alone. */
  pendingAddress: string | null;
  stopped: Stopped | null;
  told: Told | null;
};

export async function readOwnSections(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  { subscription, publication, own, ownExpired }: Manager,
  query: Record<string, unknown>,
): Promise<OwnSections> {
  const { id, publicationId, email, emailKey, status } = subscription;
  const [change] = await listAddressChanges(db, id);
  const waits = own && change?.state === 'asked' && confirmAddressBy(change) > now();
  return {
    own,
    ownExpired,
    email,
    maskedEmail: maskAddress(email),
    mayMove: publication.archivedAt === null && (status === 'confirmed' || status === 'paused'),
    pendingAddress: waits ? change.newEmail : null,
    stopped: (await stoppedBecause(db, publicationId, hashAddress(emailKey))) ?? null,
    told: told.find((one) => one === query['told']) ?? null,
  };
}
