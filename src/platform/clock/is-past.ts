import type { Context } from '../context.js';

/** Whether a moment has passed. Never by a clock that cannot be trusted: nothing is given up because of it. */
export function isPast(moment: Date, { now, clock }: Pick<Context, 'now' | 'clock'>): boolean {
  return moment <= now() && clock.isTrusted();
}
