import { editDistance } from '../../platform/text/edit-distance.js';
import { splitWords } from '../../platform/text/split-words.js';

/** Endings that exist, or take more than one slip, under which nobody registers the name of a mail service; by the one that is meant. */
const ENDING_TYPOS = new Map(
  Object.entries({
    com: 'cm co om c comcom com.com',
    net: 'ne et nt bet',
    'co.uk': 'cu.uk c.uk cok.uk o.uk oc.uk coo.uk cco.uk',
    'co.ke': 'cok.ke c.ke',
  }).flatMap(([meant, typos]) => typos.split(' ').map((typo) => [`${typo} ${meant}`, meant] as const)),
);

/** Those of the root zone (IANA) with three letters or more that are one slip away from an ending of a common mail domain. */
const REGISTERED_ENDINGS = new Set(
  splitWords(`
    aeg art bar bet bom cab cal cam car cat cba cfa com cpa dev eat esq eus fit frl ftr inc ing ink int ist itv jmp lat lpl man map
    mba med men mit mma moe mom nec net new next nfl ntt ong onl org pet pin pru run sap sas sfr spa vet vin win wme xin
  `),
);

/** Not where the typed ending is registered: it may be meant. */
export function isMisspelt(typed: string, meant: string): boolean {
  if (ENDING_TYPOS.has(`${typed} ${meant}`)) return true;
  if (typed.startsWith('con.')) return typed.replace('con.', 'com.') === meant;
  if (Math.abs(typed.length - meant.length) > 1 || isRegistered(typed)) return false;
  return editDistance(typed, meant) === 1;
}

function isRegistered(ending: string): boolean {
  const last = ending.slice(ending.lastIndexOf('.') + 1);
  return isCountryCode(last) || REGISTERED_ENDINGS.has(last);
}

// Made once: it takes as long as a thousand questions.
const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Two letters that are a country's code (ISO 3166-1), as far as the runtime knows them. */
export function isCountryCode(ending: string): boolean {
  return /^[a-z]{2}$/.test(ending) && countryNames.of(ending.toUpperCase()) !== undefined;
}
