import { textDirection } from './direction.js';

/** A name that runs the other way must not carry off the numbers and dots beside it (Unicode, annex 9). */
export function bidiIsolate(text: string, locale: string): string {
  const strange = textDirection(locale) === 'rtl' ? LEFT_TO_RIGHT : RIGHT_TO_LEFT;
  return strange.test(text) ? `\u2068${text}\u2069` : text;
}

const LEFT_TO_RIGHT = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;
