import type { DigestState } from './digest.js';

/** What an operator may want of a digest. */
export const digestActions = ['approve', 'pause', 'resume', 'cancel', 'retry', 'resolve'] as const;
export type DigestAction = (typeof digestActions)[number];

/** What became of her word. `already`: it was so before, and nothing was done. */
export type DigestActionResult<Done extends object = object> =
  | ({ kind: 'done' } & Done)
  | { kind: 'already' }
  | { kind: 'refused'; state: DigestState }
  | { kind: 'unknown' };

const statesByAction: Record<DigestAction, readonly DigestState[]> = {
  approve: ['held'],
  pause: ['sending'],
  resume: ['paused'],
  cancel: ['approved', 'held', 'sending', 'paused'],
  retry: ['sending', 'paused', 'closed'],
  resolve: ['sending', 'paused', 'closed', 'cancelled'],
};

/** The states of a digest in which a control does something. */
export function statesAllowing(control: DigestAction): readonly DigestState[] {
  return statesByAction[control];
}

export function isActionAllowed(state: DigestState, control: DigestAction): boolean {
  return statesByAction[control].includes(state);
}

const stateDescriptions: Record<DigestState, string> = {
  draft: 'It is a draft, and nothing of it is sent.',
  held: 'It is held, and nobody was mailed anything.',
  approved: 'It is approved and has not begun.',
  sending: 'It is being sent.',
  paused: 'It is paused.',
  closed: 'It is complete: there is nothing left of it to send.',
  cancelled: 'It is cancelled for good.',
};

const actionRequirements: Record<DigestAction, string> = {
  approve: 'Only a held digest can be approved.',
  pause: 'Only a digest that is being sent can be paused.',
  resume: 'Only a paused digest can be resumed.',
  cancel: 'It cannot be cancelled any more.',
  retry: 'Only a digest that has been sent can be tried again.',
  resolve: 'Only a digest that has been sent has mails to resolve.',
};

/** Why a digest in this state was left as it is. */
export function refusalReason(control: DigestAction, state: DigestState): string {
  return `${stateDescriptions[state]} ${actionRequirements[control]} Nothing was changed.`;
}
