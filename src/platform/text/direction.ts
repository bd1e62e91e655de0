export type Direction = 'ltr' | 'rtl';

/** Writing direction of a language: the value of `dir` beside `lang` in HTML. */
export function textDirection(locale: string): Direction {
  return /^(ar|arc|dv|fa|he|ks|ku-arab|ps|sd|ug|ur|yi)\b/i.test(locale) ? 'rtl' : 'ltr';
}

/** The blocks of Unicode whose letters are written from right to left (Unicode Standard Annex 44, DerivedBidiClass). */
const RIGHT_TO_LEFT =
  '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
/** Letters, and the marks that stand for one. Digits and punctuation have no direction of their own. */
const STRONG = /[\p{L}\u200e\u200f\u061c]/u;
const RIGHT_TO_LEFT_LETTER = new RegExp(`(?=[\\p{L}\\u200f\\u061c])[\\u200f${RIGHT_TO_LEFT}]`, 'u');
const ISOLATE = /[\u2066-\u2068][^\u2066-\u2069]*\u2069/g;

/** The direction of the first strong letter outside isolates (Unicode Standard Annex 9, rule P2); undefined without one. */
export function firstStrongDirection(text: string): Direction | undefined {
  const [letter] = STRONG.exec(text.replace(ISOLATE, ' ')) ?? [];
  if (letter === undefined) return undefined;
  return hasRightToLeft(letter) ? 'rtl' : 'ltr';
}

/** Whether there is a letter that is written from right to left. */
export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT_LETTER.test(text);
}
