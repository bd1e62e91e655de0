import { MINUTE_MS } from '../platform/durations.js';

export type DeliveryState =
  | 'queued'
  | 'sending'
  | 'accepted'
  | 'deferred'
  | 'rejected'
  | 'uncertain'
  | 'skipped';

/** Planned = queued + sending + accepted + deferred + rejected + uncertain + skipped, always. */
export type DeliveryCounts = Record<DeliveryState, number> & { planned: number };

/** Of a digest that nobody was planned for. */
export const NO_DELIVERIES: DeliveryCounts = {
  planned: 0,
  queued: 0,
  sending: 0,
  accepted: 0,
  deferred: 0,
  rejected: 0,
  uncertain: 0,
  skipped: 0,
};

export const deliveryStates: readonly DeliveryState[] = [
  'queued',
  'sending',
  'accepted',
  'deferred',
  'rejected',
  'uncertain',
  'skipped',
];

/** The deliveries of a digest that one worker leases at a time. */
export type BatchKey = { digestId: string; number: number };

/** One delivery of a digest at one attempt. A result counts only for the attempt that it belongs to. */
export type AttemptKey = { subscriptionId: string; attempt: number };

/** How long an uncertain delivery waits for a late reply before the transport's policy applies. */
export const UNCERTAIN_WAIT_MS = 10 * MINUTE_MS;

/** A server that keeps taking a mail and never says so has it by now; after this an operator decides. */
export const MAX_RESENDS = 3;

/** For `unnest` and `any`, in the order of the rows. */
export function subscriptionIdsOf(rows: readonly AttemptKey[]): string[] {
  return rows.map(({ subscriptionId }) => subscriptionId);
}
