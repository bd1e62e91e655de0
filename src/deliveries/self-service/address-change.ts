import type { Context } from '../../platform/context.js';
import type { Address } from '../../subscribers/address.js';
import {
  requestAddressChange,
  type AddressChangeRequestResult,
} from '../../subscribers/address-change/request.js';
import {
  cancelAddressChange,
  type CancelAddressChangeResult,
} from '../../subscribers/address-change/cancel.js';
import {
  confirmAddressChange,
  type ConfirmAddressChangeResult,
} from '../../subscribers/address-change/confirm.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { enqueueSelfServiceNotice } from '../notices/self-service-links.js';
import { skipForAddressChange } from './writes.js';

type AddressChangeContext = Pick<Context, 'db' | 'now' | 'hashAddress'>;

/** A reader wants another address: that one is asked to confirm, and the old one is told, with a link that cancels it. */
export function beginAddressChange(
  { db, now, hashAddress }: AddressChangeContext,
  reader: Subscription,
  address: Address,
): Promise<AddressChangeRequestResult> {
  return db.transaction(async (tx) => {
    const asked = await requestAddressChange(tx, reader, address, hashAddress, now());
    if (asked.kind !== 'requested') return asked;
    const { changeId: causeId, mayMailNewAddress } = asked;
    await enqueueSelfServiceNotice(tx, { kind: 'address-asked', causeId, reader }, now());
    if (mayMailNewAddress)
      await enqueueSelfServiceNotice(tx, { kind: 'address-confirm', causeId, reader }, now());
    return asked;
  });
}

/** The new address confirms. What was planned for the old one and not sent yet is sent to neither. */
export function completeAddressChange(
  context: AddressChangeContext & Pick<Context, 'actor'>,
  changeId: string,
): Promise<ConfirmAddressChangeResult> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const confirmed = await confirmAddressChange(tx, context, changeId);
    if (!('subscription' in confirmed)) return confirmed;
    const { subscription: reader } = confirmed;
    await skipForAddressChange(tx, reader, now());
    await enqueueSelfServiceNotice(tx, { kind: 'address-moved', causeId: changeId, reader }, now());
    return confirmed;
  });
}

/** The old address cancels it: mail comes there as before, and the other address is told if it had been confirmed. */
export function revertAddressChange(
  context: AddressChangeContext & Pick<Context, 'actor'>,
  changeId: string,
): Promise<CancelAddressChangeResult> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const cancelled = await cancelAddressChange(tx, context, changeId);
    if (cancelled.kind !== 'cancelled' || !cancelled.wasConfirmed) return cancelled;
    const { subscription: reader } = cancelled;
    await skipForAddressChange(tx, reader, now());
    await enqueueSelfServiceNotice(tx, { kind: 'address-returned', causeId: changeId, reader }, now());
    return cancelled;
  });
}
