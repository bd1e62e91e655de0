import { DAY_MS } from '../../platform/durations.js';

/** How long the addresses of a change are kept. */
export const ADDRESS_RETENTION_MS = 7 * DAY_MS;

/** Until when the new address may confirm. */
export function addressConfirmationDeadline({ askedAt }: Pick<AddressChange, 'askedAt'>): Date {
  return new Date(askedAt.getTime() + 3 * DAY_MS);
}

/** Until when the old address may take it back. */
export function addressCancellationDeadline({ askedAt }: Pick<AddressChange, 'askedAt'>): Date {
  return new Date(askedAt.getTime() + ADDRESS_RETENTION_MS);
}

/** A change of address. The addresses are gone once it can neither be confirmed nor taken back. */
export type AddressChange = {
  id: string;
  /** Names it in links. */
  number: number;
  subscriptionId: string;
  oldEmail: string | null;
  newEmail: string | null;
  state: 'asked' | 'confirmed' | 'cancelled';
  mergedInto: string | null;
  askedAt: Date;
  confirmedAt: Date | null;
  cancelledAt: Date | null;
};
