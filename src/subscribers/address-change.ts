import type { AddressChange } from './address-reads.js';
import type { Subscription } from './subscription.js';

const DAY_MS = 24 * 3600 * 1000;

/** For how long the addresses of a change are kept. */
export const KEPT_CHANGE_MS = 7 * DAY_MS;

/** Until when the new address may confirm. */
export function confirmAddressBy({ askedAt }: Pick<AddressChange, 'askedAt'>): Date {
  return new Date(askedAt.getTime() + 3 * DAY_MS);
}

/** Until when the old address may take it back. */
export function cancelAddressBy({ askedAt }: Pick<AddressChange, 'askedAt'>): Date {
  return new Date(askedAt.getTime() + KEPT_CHANGE_MS);
}

/** Somebody reads it, now or after her pause: there is something to move. */
export function isRead({ status }: Pick<Subscription, 'status'>): boolean {
  return status === 'confirmed' || status === 'paused';
}
