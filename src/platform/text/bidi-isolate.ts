import { textDirection } from './direction.js';

/**
 * Isolates text that has letters of the other writing direction, which would displace numbers and punctuation beside it
 * (Unicode Standard Annex 9, section 2.4). Other text is unchanged.
 */
export function bidiIsolate(text: string, locale: string): string {
  const otherDirection = textDirection(locale) === 'rtl' ? LEFT_TO_RIGHT : RIGHT_TO_LEFT;
  return otherDirection.test(text) ? `\u2068${text}\u2069` : text;
}

const LEFT_TO_RIGHT = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;
