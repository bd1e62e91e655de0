import type { Transition } from '../platform/db/transitions.js';
import type { DeliveryState } from './delivery.js';

/**
 * Who moves a delivery from which state to which.
 * - plan: a reader is due a digest; where her address is suppressed, it is skipped at once
 * - claim: a worker begins an attempt; an uncertain one is sent again where its mail server's policy is `resend`
 * - skip: the reader, or the digest, must not get mail any more
 * - cancel: an operator cancelled the digest
 * - record: an attempt has ended, or a late reply or a mail log says how it ended
 * - requeue, lose: its worker died, and the final dot cannot, or may, have gone out
 * - retry: an operator wants what failed sent again
 * - resolve: an operator decides about an uncertain one
 */
export const DELIVERY_TRANSITIONS = [
  { from: null, to: 'queued', by: 'plan' },
  { from: null, to: 'skipped', by: 'plan' },
  { from: 'queued', to: 'sending', by: 'claim' },
  { from: 'deferred', to: 'sending', by: 'claim' },
  { from: 'uncertain', to: 'sending', by: 'claim' },
  { from: 'queued', to: 'skipped', by: 'skip' },
  { from: 'deferred', to: 'skipped', by: 'skip' },
  { from: 'queued', to: 'skipped', by: 'cancel' },
  { from: 'deferred', to: 'skipped', by: 'cancel' },
  { from: 'sending', to: 'accepted', by: 'record' },
  { from: 'sending', to: 'queued', by: 'record' },
  { from: 'sending', to: 'deferred', by: 'record' },
  { from: 'sending', to: 'rejected', by: 'record' },
  { from: 'sending', to: 'uncertain', by: 'record' },
  { from: 'sending', to: 'skipped', by: 'record' },
  { from: 'uncertain', to: 'accepted', by: 'record' },
  { from: 'uncertain', to: 'queued', by: 'record' },
  { from: 'uncertain', to: 'deferred', by: 'record' },
  { from: 'uncertain', to: 'rejected', by: 'record' },
  { from: 'uncertain', to: 'skipped', by: 'record' },
  { from: 'sending', to: 'queued', by: 'requeue' },
  { from: 'sending', to: 'uncertain', by: 'lose' },
  { from: 'rejected', to: 'queued', by: 'retry' },
  { from: 'skipped', to: 'queued', by: 'retry' },
  { from: 'uncertain', to: 'accepted', by: 'resolve' },
  { from: 'uncertain', to: 'queued', by: 'resolve' },
] as const satisfies readonly Transition<DeliveryState>[];
