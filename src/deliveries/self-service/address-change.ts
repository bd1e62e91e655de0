import type { Context } from '../../platform/context.js';
import type { Address } from '../../subscribers/address.js';
import {
  requestAddressChange,
  type AddressChangeRequestResult,
} from '../../subscribers/address-change/request.js';
import {
  cancelAddressChange,
  confirmAddressChange,
  type CancelAddressChangeResult,
  type ConfirmAddressChangeResult,
} from '../../subscribers/address-change/confirm-or-cancel.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { enqueueSelfServiceNotice } from '../notices/self-service-links.js';
import { skipForAddressChange } from './writes.js';

type AddressChangeContext = Pick<Context, 'db' | 'now' | 'hashAddress'>;

const DAY_MS = 24 * 3600 * 1000;

/** She wants to read at another address: that one is asked to confirm, and hers is told, with a way to take it back. */
export function beginAddressChange(
  { db, now, hashAddress }: AddressChangeContext,
  reader: Subscription,
  address: Address,
): Promise<AddressChangeRequestResult> {
  return db.transaction(async (tx) => {
    const asked = await requestAddressChange(tx, reader, address, hashAddress, now());
    if (asked.kind !== 'asked') return asked;
    const { changeId: causeId, mailsNew } = asked;
    await enqueueSelfServiceNotice(
      tx,
      { kind: 'address-asked', causeId, reader, lastsMs: 3 * DAY_MS },
      now(),
    );
    if (mailsNew)
      await enqueueSelfServiceNotice(
        tx,
        { kind: 'address-confirm', causeId, reader, lastsMs: 3 * DAY_MS },
        now(),
      );
    return asked;
  });
}

/** The new address confirms. What was planned for the old one and not sent yet is sent to neither. */
export function completeAddressChange(
  { db, now, hashAddress }: AddressChangeContext,
  changeId: string,
): Promise<ConfirmAddressChangeResult> {
  return db.transaction(async (tx) => {
    const confirmed = await confirmAddressChange(tx, changeId, hashAddress, now());
    if (!('subscription' in confirmed)) return confirmed;
    const { subscription: reader } = confirmed;
    await skipForAddressChange(tx, reader, now());
    await enqueueSelfServiceNotice(
      tx,
      { kind: 'address-moved', causeId: changeId, reader, lastsMs: 3 * DAY_MS },
      now(),
    );
    return confirmed;
  });
}

/** The old address takes it back: mail comes there as before, and the other address is told when it had had some. */
export function revertAddressChange(
  { db, now }: AddressChangeContext,
  changeId: string,
): Promise<CancelAddressChangeResult> {
  return db.transaction(async (tx) => {
    const cancelled = await cancelAddressChange(tx, changeId, now());
    if (cancelled.kind !== 'cancelled' || !cancelled.wasConfirmed) return cancelled;
    const { subscription: reader } = cancelled;
    await skipForAddressChange(tx, reader, now());
    await enqueueSelfServiceNotice(
      tx,
      { kind: 'address-returned', causeId: changeId, reader, lastsMs: 3 * DAY_MS },
      now(),
    );
    return cancelled;
  });
}
