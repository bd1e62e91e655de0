/** Writing direction of a language: the value of `dir` beside `lang` in HTML. */
export function textDirection(locale: string): 'ltr' | 'rtl' {
  return /^(ar|arc|dv|fa|he|ks|ku-arab|ps|sd|ug|ur|yi)\b/i.test(locale) ? 'rtl' : 'ltr';
}
