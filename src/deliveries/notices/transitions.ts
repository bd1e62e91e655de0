import type { Transition } from '../../platform/db/transitions.js';
import type { DeliveryState } from '../delivery.js';

/**
 * Who moves a notice from which state to which.
 * - enqueue: something happened that its recipient is to be told
 * - claim: a worker begins an attempt
 * - resend: a worker sends an uncertain one again
 * - skip: it may have been sent before the database was restored from an older copy
 * - record: an attempt has ended, or a mail log says how it ended
 * - requeue, lose: its worker died, and the final dot cannot, or may, have gone out
 */
export const NOTICE_TRANSITIONS = [
  { from: null, to: 'queued', by: 'enqueue' },
  { from: 'queued', to: 'sending', by: 'claim' },
  { from: 'deferred', to: 'sending', by: 'claim' },
  { from: 'uncertain', to: 'sending', by: 'resend' },
  { from: 'queued', to: 'skipped', by: 'skip' },
  { from: 'deferred', to: 'skipped', by: 'skip' },
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
] as const satisfies readonly Transition<DeliveryState>[];
