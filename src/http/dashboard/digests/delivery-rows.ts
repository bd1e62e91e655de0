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
