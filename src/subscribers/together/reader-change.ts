import type { ActorKind } from '../../platform/actor.js';

/** What can be done with many readers at once. */
export const togetherActions = ['pause', 'resume', 'unsubscribe', 'erase'] as const;
export type TogetherAction = (typeof togetherActions)[number];

/** `restore` only takes back what `unsubscribe` did. */
export type ReaderChangeAction = TogetherAction | 'restore';

/** By what one of them is taken back; undefined: nothing brings an erased reader back. */
export const UNDOES: Readonly<Partial<Record<ReaderChangeAction, ReaderChangeAction>>> = {
  pause: 'resume',
  resume: 'pause',
  unsubscribe: 'restore',
};

export type ReaderChange = {
  id: string;
  publicationId: string;
  action: ReaderChangeAction;
  /** `counting`: readers are being found; `ready`: an operator has to say so; `stopped`: by an operator, half-way. */
  state: 'counting' | 'ready' | 'running' | 'stopped' | 'done';
  undoes: string | null;
  /** Whether another one has taken this back, or is about to. */
  isUndone: boolean;
  actorKind: ActorKind;
  actorId: string | null;
  found: number;
  changed: number;
  unchanged: number;
  createdAt: Date;
  finishedAt: Date | null;
};
