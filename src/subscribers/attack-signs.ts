import type { Attack } from './attack.js';

/** Ten minutes of a newsletter's forms, and how many ten minutes usually bring. */
export type Signs = { forms: number; refused: number; usual: number };

/** Fewer than this in ten minutes are looked through by hand in a moment. */
export const LEAST_FORMS = 60;
const TIMES_THE_USUAL = 8;
/** Readers mistype now and then; programs that guess addresses do little else. */
const REFUSED_SHARE = 0.6;

/** What these ten minutes look like. Undefined: like readers. */
export function attackIn({ forms, refused, usual }: Signs): Attack['cause'] | undefined {
  if (forms < LEAST_FORMS) return undefined;
  if (refused >= forms * REFUSED_SHARE) return 'refusals';
  return forms >= usual * TIMES_THE_USUAL ? 'flood' : undefined;
}
