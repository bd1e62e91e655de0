import type { ActorKind } from '../../platform/actor.js';

/** A file of addresses that are not to be mailed, and how far it is. None of its addresses is stored. */
export type SuppressionFile = {
  id: string;
  /** Null: for all publications. */
  publicationId: string | null;
  note: string;
  /** `reading`: it comes in; `ready`: an operator has to say so. */
  state: 'reading' | 'ready' | 'running' | 'done';
  actorKind: ActorKind;
  actorId: string | null;
  lines: number;
  /** Lines that say no address. */
  unreadable: number;
  /** Different addresses and domains; of them domains, and those that an operator had suppressed before. */
  found: number;
  domains: number;
  present: number;
  /** Suppressed by this file, so far. */
  added: number;
  createdAt: Date;
  finishedAt: Date | null;
};

/** Of a line that says no address; what stood in it is not stored. */
export type FileMistake = { line: number; mistake: 'no-address' | 'too-long' | 'not-text' };

/** So many lines are named; all are counted. */
export const MAX_NAMED_MISTAKES = 1000;
