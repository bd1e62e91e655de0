import type { DigestState } from './digest.js';

/** What an operator may want of a digest. */
export const controls = ['approve', 'pause', 'resume', 'cancel', 'retry', 'resolve'] as const;
export type Control = (typeof controls)[number];

/** What became of her word. `already`: it was so before, and nothing was done. */
export type Controlled<Done extends object = object> =
  | ({ kind: 'done' } & Done)
  | { kind: 'already' }
  | { kind: 'refused'; state: DigestState }
  | { kind: 'unknown' };

const fitting: Record<Control, readonly DigestState[]> = {
  approve: ['held'],
  pause: ['sending'],
  resume: ['paused'],
  cancel: ['approved', 'held', 'sending', 'paused'],
  retry: ['sending', 'paused', 'closed'],
  resolve: ['sending', 'paused', 'closed', 'cancelled'],
};

/** The states of a digest in which a control does something. */
export function statesFor(control: Control): readonly DigestState[] {
  return fitting[control];
}

export function mayControl(state: DigestState, control: Control): boolean {
  return fitting[control].includes(state);
}

const inWords: Record<DigestState, string> = {
  draft: 'It is a draft, and nothing of it is sent.',
  held: 'It is held, and nobody was mailed anything.',
  approved: 'It is approved and has not begun.',
  sending: 'It is being sent.',
  paused: 'It is paused.',
  closed: 'It is complete: there is nothing left of it to send.',
  cancelled: 'It is cancelled for good.',
};

const wanted: Record<Control, string> = {
  approve: 'Only a held digest can be approved.',
  pause: 'Only a digest that is being sent can be paused.',
  resume: 'Only a paused digest can be resumed.',
  cancel: 'It cannot be cancelled any more.',
  retry: 'Only a digest that has been sent can be tried again.',
  resolve: 'Only a digest that has been sent has mails to resolve.',
};

/** Why a digest in this state was left as it is. */
export function whyRefused(control: Control, state: DigestState): string {
  return `${inWords[state]} ${wanted[control]} Nothing was changed.`;
}
