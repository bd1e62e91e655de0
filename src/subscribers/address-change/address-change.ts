import type { AddressChange } from './reads.js';
import type { Subscription } from '../subscription.js';

const DAY_MS = 24 * 3600 * 1000;

/** For how long the addresses of a change are kept. */
export const ADDRESS_RETENTION_MS = 7 * DAY_MS;

/** Until when the new address may confirm. */
export function addressConfirmationDeadline({ askedAt }: Pick<AddressChange, 'askedAt'>): Date {
  return new Date(askedAt.getTime() + 3 * DAY_MS);
}

/** Until when the old address may take it back. */
export function addressCancellationDeadline({ askedAt }: Pick<AddressChange, 'askedAt'>): Date {
  return new Date(askedAt.getTime() + ADDRESS_RETENTION_MS);
}

/** Somebody reads it, now or after her pause: there is something to move. */
export function isSubscribed({ status }: Pick<Subscription, 'status'>): boolean {
  return status === 'confirmed' || status === 'paused';
}
