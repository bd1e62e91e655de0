import { MINUTE_MS } from '../../platform/durations.js';

export const attackCauses = ['flood', 'refusals', 'by-hand'] as const;

/** A time in which forms ask for a proof of work first, and what comes without one is held for an operator. */
export type Attack = {
  id: string;
  publicationId: string;
  cause: (typeof attackCauses)[number];
  beganAt: Date;
  /** The last time that the counts looked like an attack. */
  seenAt: Date;
  /** In the interval in which it began: forms, those sent back or capped, and the usual number of forms. */
  forms: number;
  refused: number;
  usual: number;
};

/** Forms are counted by intervals of this length. */
export const COUNT_INTERVAL_MS = 10 * MINUTE_MS;

/** A publication's forms in one interval, those refused among them, and how many an interval usually brings. */
export type AttackSignals = { forms: number; refused: number; usual: number };

/** An operator looks through fewer than these in a moment. */
export const MIN_FORMS = 60;
const FLOOD_FACTOR = 8;
/** Readers mistype now and then; most addresses that a program guesses are refused. */
const MIN_REFUSED_SHARE = 0.6;

/** Undefined: the interval looks like readers. */
export function attackCause({ forms, refused, usual }: AttackSignals): Attack['cause'] | undefined {
  if (forms < MIN_FORMS) return undefined;
  if (refused >= forms * MIN_REFUSED_SHARE) return 'refusals';
  return forms >= usual * FLOOD_FACTOR ? 'flood' : undefined;
}
