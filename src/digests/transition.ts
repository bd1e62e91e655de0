import { statesBefore, type Transition } from '../platform/db/transitions.js';
import type { OperatorWords } from '../platform/text/translations.js';
import type { DigestState } from './digest.js';

/** What moves a digest from one state to another. */
export type DigestOperation =
  | 'open'
  | 'order'
  | 'hold'
  | 'approve'
  | 'start'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'close'
  | 'reopen'
  | 'supersede';

/**
 * The states of a digest. A rhythm's digest is opened by the planning of its first reader; an operator's is ordered, and
 * starts when its readers are planned. The order of the rows is the order in which the API lists the states.
 */
export const DIGEST_TRANSITIONS: readonly Transition<DigestState, DigestOperation>[] = [
  { from: null, to: 'held', by: 'open' },
  { from: null, to: 'approved', by: 'order' },
  { from: null, to: 'sending', by: 'open' },
  { from: 'approved', to: 'held', by: 'hold' },
  { from: 'held', to: 'approved', by: 'approve' },
  { from: 'approved', to: 'sending', by: 'start' },
  { from: 'sending', to: 'paused', by: 'pause' },
  { from: 'paused', to: 'sending', by: 'resume' },
  { from: 'sending', to: 'closed', by: 'close' },
  // A reader joins late, or an operator has something of it sent again.
  { from: 'closed', to: 'sending', by: 'reopen' },
  // Its period passed while it waited for its first reader: the next period's digest inherits its approval.
  { from: 'approved', to: 'closed', by: 'supersede' },
  { from: 'held', to: 'cancelled', by: 'cancel' },
  { from: 'approved', to: 'cancelled', by: 'cancel' },
  { from: 'sending', to: 'cancelled', by: 'cancel' },
  { from: 'paused', to: 'cancelled', by: 'cancel' },
];

/** What an operator may want of a digest. */
export const digestActions = [
  'approve',
  'hold',
  'reschedule',
  'pause',
  'resume',
  'cancel',
  'retry',
  'resolve',
] as const;
export type DigestAction = (typeof digestActions)[number];

/**
 * Why a digest was left as it is. `isTooOld`: what would be sent again was deleted (`RETENTION_MONTHS`). `isAddressMissing`: its
 * newsletter has no postal address.
 */
export type Refusal = { state: DigestState; isTooOld?: boolean; isAddressMissing?: boolean };

/** What became of an operator's action. `already`: it was so before, and nothing was done. */
export type DigestActionResult<Done extends object = object> =
  | ({ kind: 'done' } & Done)
  | { kind: 'already' }
  | ({ kind: 'refused' } & Refusal)
  | { kind: 'unknown' };

/** Trying again and resolving change deliveries, another time only the order's time. They leave the digest's state as it is, unless it is reopened. */
const statesByAction: Record<DigestAction, readonly DigestState[]> = {
  approve: statesBefore(DIGEST_TRANSITIONS, 'approve'),
  hold: statesBefore(DIGEST_TRANSITIONS, 'hold'),
  reschedule: ['approved', 'held'],
  pause: statesBefore(DIGEST_TRANSITIONS, 'pause'),
  resume: statesBefore(DIGEST_TRANSITIONS, 'resume'),
  cancel: statesBefore(DIGEST_TRANSITIONS, 'cancel'),
  retry: ['sending', 'paused', 'closed'],
  resolve: ['sending', 'paused', 'closed', 'cancelled'],
};

export function isActionAllowed(state: DigestState, action: DigestAction): boolean {
  return statesByAction[action].includes(state);
}

/** For an operator: why a digest was left as it is. */
export function describeRefusal(
  action: DigestAction,
  { state, isTooOld = false, isAddressMissing = false }: Refusal,
  words: OperatorWords,
): string {
  if (isAddressMissing) return words('digest.noPostalAddress');
  return isTooOld ? words('digest.tooOld') : refusalReason(action, state, words);
}

/** For an operator: why a digest in this state was left as it is. */
export function refusalReason(action: DigestAction, state: DigestState, words: OperatorWords): string {
  return words('digest.refusal', {
    state: words(`digest.state.${state}`),
    requirement: words(`digest.requirement.${action}`),
  });
}
