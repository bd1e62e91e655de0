import type { Context } from '../platform/context.js';
import type { Address } from '../subscribers/address.js';
import { askAddressChange, type AskedChange } from '../subscribers/ask-address-change.js';
import {
  cancelAddress,
  confirmAddress,
  type CancelledChange,
  type ConfirmedChange,
} from '../subscribers/change-address.js';
import type { Subscription } from '../subscribers/subscription.js';
import { promiseOwnNotice } from './own-links.js';
import { skipMoved } from './own-writes.js';

type MoveContext = Pick<Context, 'db' | 'now' | 'hashAddress'>;

const DAY_MS = 24 * 3600 * 1000;

/** She wants to read at another address: that one is asked to confirm, and hers is told, with a way to take it back. */
export function askToMove(
  { db, now, hashAddress }: MoveContext,
  reader: Subscription,
  address: Address,
): Promise<AskedChange> {
  return db.transaction(async (tx) => {
    const asked = await askAddressChange(tx, reader, address, hashAddress, now());
    if (asked.kind !== 'asked') return asked;
    const { changeId: causeId, mailsNew } = asked;
    await promiseOwnNotice(tx, { kind: 'address-asked', causeId, reader, lastsMs: 3 * DAY_MS }, now());
    if (mailsNew)
      await promiseOwnNotice(tx, { kind: 'address-confirm', causeId, reader, lastsMs: 3 * DAY_MS }, now());
    return asked;
  });
}

/** The new address confirms. What was planned for the old one and not sent yet is sent to neither. */
export function moveReader(
  { db, now, hashAddress }: MoveContext,
  changeId: string,
): Promise<ConfirmedChange> {
  return db.transaction(async (tx) => {
    const confirmed = await confirmAddress(tx, changeId, hashAddress, now());
    if (!('subscription' in confirmed)) return confirmed;
    const { subscription: reader } = confirmed;
    await skipMoved(tx, reader, now());
    await promiseOwnNotice(
      tx,
      { kind: 'address-moved', causeId: changeId, reader, lastsMs: 3 * DAY_MS },
      now(),
    );
    return confirmed;
  });
}

/** The old address takes it back: mail comes there as before, and the other address is told when it had had some. */
export function takeMoveBack({ db, now }: MoveContext, changeId: string): Promise<CancelledChange> {
  return db.transaction(async (tx) => {
    const cancelled = await cancelAddress(tx, changeId, now());
    if (cancelled.kind !== 'cancelled' || !cancelled.wasConfirmed) return cancelled;
    const { subscription: reader } = cancelled;
    await skipMoved(tx, reader, now());
    await promiseOwnNotice(
      tx,
      { kind: 'address-returned', causeId: changeId, reader, lastsMs: 3 * DAY_MS },
      now(),
    );
    return cancelled;
  });
}
