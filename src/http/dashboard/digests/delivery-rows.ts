import { maskEvent, type EventGroup } from '../../../dashboard/events-of-digest.js';
import { eventWords } from '../event-words.js';
import { stateNames } from './ledger-words.js';
import { deliveryStates, type DeliveryState } from '../../../deliveries/delivery.js';
import { maskDelivery, type NamedDelivery } from '../../../dashboard/named-deliveries.js';
import { maySeeAddresses, type Role } from '../../../operators/operator.js';

/** As somebody with this role may see them: who may not see addresses sees their domains. */
export function deliveryRows(deliveries: readonly NamedDelivery[], role: Role) {
  return maySeeAddresses(role) ? deliveries : deliveries.map(maskDelivery);
}

/** Grouped by state, in the order of the ledger; states that nobody is in are left out. */
export function groupByState(deliveries: readonly NamedDelivery[], counts: Record<DeliveryState, number>) {
  return ledgerOrder
    .map((state) => ({
      state,
      name: stateNames[state],
      count: counts[state],
      deliveries: deliveries.filter((one) => one.state === state),
    }))
    .filter((group) => group.deliveries.length > 0);
}

const ledgerOrder: readonly DeliveryState[] = [
  'rejected',
  'uncertain',
  ...deliveryStates.filter((state) => state !== 'rejected' && state !== 'uncertain'),
];

const HEARD_NAMES = {
  bounced: 'Accepted, then bounced',
  complained: 'Accepted, then marked as spam',
} as const;

/** What came back of accepted mails, as the page lists mails. */
export function eventGroups(groups: readonly EventGroup[], role: Role) {
  return groups.map(({ kind, count, readers }) => ({
    name: HEARD_NAMES[kind],
    count,
    deliveries: readers
      .map((reader) => (maySeeAddresses(role) ? reader : maskEvent(reader)))
      .map(({ subscription, email, class: of, reason, at }) => ({
        subscription,
        email,
        answer: reason === null ? eventWords[of] : `${eventWords[of]}. ${reason}`,
        updatedAt: at,
      })),
  }));
}
