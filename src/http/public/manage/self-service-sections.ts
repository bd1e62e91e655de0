import type { Context } from '../../../platform/context.js';
import { maskAddress } from '../../../subscribers/address.js';
import { addressConfirmationDeadline } from '../../../subscribers/address-change/address-change.js';
import { listAddressChanges } from '../../../subscribers/address-change/reads.js';
import { isSubscribed } from '../../../subscribers/subscription.js';
import { addressHashes } from '../../../subscribers/suppression/address-hashes.js';
import {
  findBounceOrComplaint,
  type BounceOrComplaint,
} from '../../../subscribers/suppression/lift-suppression.js';
import type { ManageLink } from './link.js';

/** Values of the query `done`: which form was sent just before, and with what outcome. */
const formOutcomes = ['link', 'link-later', 'link-stopped', 'address', 'repair', 'repair-later'] as const;
export type FormOutcome = (typeof formOutcomes)[number];

/** The data of three sections of the settings page: her address, her data, and why mail to her was stopped. */
export type SelfServiceSections = {
  isOneHourLink: boolean;
  isOneHourLinkExpired: boolean;
  email: string;
  maskedEmail: string;
  mayChangeAddress: boolean;
  /** A new address that is not confirmed yet; shown only with the one-hour link. */
  pendingAddress: string | null;
  suppression: BounceOrComplaint | null;
  formOutcome: FormOutcome | null;
};

export async function readSelfServiceSections(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  { subscription, publication, isOneHourLink, isOneHourLinkExpired }: ManageLink,
  query: Record<string, unknown>,
): Promise<SelfServiceSections> {
  const { id, publicationId, email, emailKey, status } = subscription;
  const [change] = await listAddressChanges(db, id);
  const isWaiting = isOneHourLink && change?.state === 'asked' && addressConfirmationDeadline(change) > now();
  return {
    isOneHourLink,
    isOneHourLinkExpired,
    email,
    maskedEmail: maskAddress(email),
    mayChangeAddress: publication.archivedAt === null && isSubscribed({ status }),
    pendingAddress: isWaiting ? change.newEmail : null,
    suppression:
      (await findBounceOrComplaint(db, publicationId, addressHashes(hashAddress, emailKey))) ?? null,
    formOutcome: formOutcomes.find((one) => one === query['done']) ?? null,
  };
}
