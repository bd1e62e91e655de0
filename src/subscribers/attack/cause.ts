import type { Attack } from './attack.js';

/** Ten minutes of a newsletter's forms, and how many ten minutes usually bring. */
export type AttackSignals = { forms: number; refused: number; usual: number };

/** Fewer than this in ten minutes are looked through by hand in a moment. */
export const MIN_FORMS = 60;
const FLOOD_FACTOR = 8;
/** Readers mistype now and then; programs that guess addresses do little else. */
const MIN_REFUSED_SHARE = 0.6;

/** What these ten minutes look like. Undefined: like readers. */
export function attackCause({ forms, refused, usual }: AttackSignals): Attack['cause'] | undefined {
  if (forms < MIN_FORMS) return undefined;
  if (refused >= forms * MIN_REFUSED_SHARE) return 'refusals';
  return forms >= usual * FLOOD_FACTOR ? 'flood' : undefined;
}
