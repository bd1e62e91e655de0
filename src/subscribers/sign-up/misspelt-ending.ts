/** Misspelt endings under which nobody registers the name of a mail service, by the ending that is meant. */
const ENDING_TYPOS = new Map(
  Object.entries({
    com: 'con cmo ocm vom xom cpm comm coom om cm co c coml clm cim dom ccom cok comn cop coma comcom com.com c0m',
    net: 'ne nte ent met bet nt nett netn neet ney nrt nwt ner',
    de: 'ed d dee dde',
    fr: 'rf f frr ffr',
    'co.uk': 'co.k cu.uk c.uk co.u couk co.ukk cok.uk co.ik co.yk',
    'co.ke': 'co.k cok.ke c.ke coke co.kee co.ek',
  }).flatMap(([meant, typos]) => typos.split(' ').map((typo) => [`${typo} ${meant}`, meant] as const)),
);

/** Not where the typed ending is registered: it may be meant. */
export function isMisspelt(typed: string, meant: string): boolean {
  if (ENDING_TYPOS.has(`${typed} ${meant}`)) return true;
  if (typed.startsWith('con.')) return typed.replace('con.', 'com.') === meant;
  if (meant === 'com') return hasOneLetterMore(typed, meant);
  return meant.length === 2 && isMisspeltCountry(typed, meant);
}

/** One letter alone, one of them twice, or both swapped. */
function isMisspeltCountry(typed: string, [first = '', second = '']: string): boolean {
  if ([first, second].includes(typed)) return true;
  if ([`${first}${first}${second}`, `${first}${second}${second}`].includes(typed)) return true;
  return typed === `${second}${first}` && !isCountryCode(typed);
}

/** No ending of four letters is registered that has all of `com` in this order. */
function hasOneLetterMore(typed: string, meant: string): boolean {
  return (
    typed.length === meant.length + 1 &&
    Array.from(typed, (_, at) => typed.slice(0, at) + typed.slice(at + 1)).includes(meant)
  );
}

// Made once: it takes as long as a thousand questions.
const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Two letters that are a country's code (ISO 3166-1), as far as the runtime knows them. */
export function isCountryCode(ending: string): boolean {
  return /^[a-z]{2}$/.test(ending) && countryNames.of(ending.toUpperCase()) !== undefined;
}
