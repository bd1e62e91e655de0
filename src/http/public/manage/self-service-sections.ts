import type { Context } from '../../../platform/context.js';
import { maskAddress } from '../../../subscribers/address.js';
import { addressConfirmationDeadline } from '../../../subscribers/address-change/address-change.js';
import { listAddressChanges } from '../../../subscribers/address-change/reads.js';
import {
  findBounceOrComplaint,
  type BounceOrComplaint,
} from '../../../subscribers/suppression/lift-suppression.js';
import type { ManageLink } from './link.js';

/** What an answer to one of these forms says on the page that follows it. */
const formOutcomes = ['link', 'link-later', 'link-stopped', 'address', 'repair', 'repair-later'] as const;
export type FormOutcome = (typeof formOutcomes)[number];

/** What the settings page shows of her address, her data, and why mail stopped. */
export type SelfServiceSections = {
  own: boolean;
  ownExpired: boolean;
  email: string;
  maskedEmail: string;
  /** There is a subscription to read at another address. */
  mayMove: boolean;
  /** Waits to be confirmed; shown to her alone. */
  pendingAddress: string | null;
  stopped: BounceOrComplaint | null;
  told: FormOutcome | null;
};

export async function readSelfServiceSections(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  { subscription, publication, isOneHourLink, isOneHourLinkExpired }: ManageLink,
  query: Record<string, unknown>,
): Promise<SelfServiceSections> {
  const { id, publicationId, email, emailKey, status } = subscription;
  const [change] = await listAddressChanges(db, id);
  const waits = isOneHourLink && change?.state === 'asked' && addressConfirmationDeadline(change) > now();
  return {
    own: isOneHourLink,
    ownExpired: isOneHourLinkExpired,
    email,
    maskedEmail: maskAddress(email),
    mayMove: publication.archivedAt === null && (status === 'confirmed' || status === 'paused'),
    pendingAddress: waits ? change.newEmail : null,
    stopped: (await findBounceOrComplaint(db, publicationId, hashAddress(emailKey))) ?? null,
    told: formOutcomes.find((one) => one === query['told']) ?? null,
  };
}
