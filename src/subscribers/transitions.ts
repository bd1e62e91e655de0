import type { Transition } from '../platform/db/transitions.js';
import type { SubscriptionStatus } from './subscription.js';

/** What moves a subscription from one state to another. */
export type SubscriptionOperation =
  | 'sign-up'
  | 'confirm'
  | 'take-back'
  | 'pause'
  | 'resume'
  | 'unsubscribe'
  | 'restore'
  | 'erase';

/** The states of a subscription. Only `confirmed` ones are planned and mailed. */
export const SUBSCRIPTION_TRANSITIONS: readonly Transition<SubscriptionStatus, SubscriptionOperation>[] = [
  { from: null, to: 'pending', by: 'sign-up' },
  { from: 'pending', to: 'confirmed', by: 'confirm' },
  { from: 'confirmed', to: 'paused', by: 'pause' },
  // Another end for the same pause.
  { from: 'paused', to: 'paused', by: 'pause' },
  { from: 'paused', to: 'confirmed', by: 'resume' },
  // Who comes back confirms anew: an ended subscription is no consent.
  { from: 'unsubscribed', to: 'confirmed', by: 'confirm' },
  // A program had pressed the button: it is as it was before.
  { from: 'confirmed', to: 'pending', by: 'take-back' },
  { from: 'confirmed', to: 'unsubscribed', by: 'take-back' },
  { from: 'paused', to: 'pending', by: 'take-back' },
  { from: 'paused', to: 'unsubscribed', by: 'take-back' },
  // By the reader, an operator or program, a block of the address, or a move to an address that subscribes already.
  { from: 'pending', to: 'unsubscribed', by: 'unsubscribe' },
  { from: 'confirmed', to: 'unsubscribed', by: 'unsubscribe' },
  { from: 'paused', to: 'unsubscribed', by: 'unsubscribe' },
  // Taking an unsubscription back: what was paused is paused again.
  { from: 'unsubscribed', to: 'confirmed', by: 'restore' },
  { from: 'unsubscribed', to: 'paused', by: 'restore' },
  // Unsubscribed first, so that nothing is being sent when the address goes.
  { from: 'unsubscribed', to: 'unsubscribed', by: 'erase' },
];
