import { COMMON_DOMAINS, isWellKnownMailDomain, SHORT_DOMAINS } from './common-mail-domains.js';

/** Misspelt endings under which nobody registers the name of a mail service, by the ending that is meant. */
const ENDING_TYPOS = new Map(
  Object.entries({
    com: 'con cmo ocm vom xom cpm comm coom om cm co c coml clm cim dom ccom cok comn cop coma comcom com.com c0m',
    net: 'ne nte ent met bet nt nett netn neet',
    de: 'ed d dee dde',
    fr: 'rf f frr ffr',
    'co.uk': 'co.k cu.uk c.uk co.u couk co.ukk cok.uk co.ik co.yk',
    'co.ke': 'co.k cok.ke c.ke coke co.kee co.ek',
  }).flatMap(([meant, typos]) => typos.split(' ').map((typo) => [`${typo} ${meant}`, meant] as const)),
);

// Prepared once, for every form needs them.
const byLetters = new Map(COMMON_DOMAINS.toReversed().map((common) => [withoutDots(common), common]));
const commonParts = COMMON_DOMAINS.map((common) => ({ common, parts: splitDomain(common) }));
const shortParts = SHORT_DOMAINS.map((common) => ({ common, parts: splitDomain(common) }));

/** A shorter name with so many wrong letters may well be another word. */
const MIN_LENGTH_FOR_ONE_TYPO = 5;
const MIN_LENGTH_FOR_TWO_TYPOS = 9;

/**
 * The address that was probably meant, when its domain is a near miss of a common mail domain: something to ask, never to
 * correct. Undefined for every domain that is, or may well be, one of its own.
 * @param email a parsed address: its domain in A-labels, in lower case
 */
export function suggestAddress(email: string): string | undefined {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1);
  if (isWellKnownMailDomain(domain)) return undefined;
  const meant = byLetters.get(withoutDots(domain)) ?? closestDomain(domain);
  return meant === undefined ? undefined : `${email.slice(0, at)}@${meant}`;
}

/** gmail.c.om and gmailc.om have the letters of gmail.com, with the dot elsewhere. */
function withoutDots(domain: string): string {
  return domain.replaceAll('.', '');
}

function closestDomain(domain: string): string | undefined {
  const typed = splitDomain(domain);
  const candidates = [
    ...commonParts.map(({ common, parts }) => ({ common, typos: countTypos(typed, parts) })),
    ...shortParts.map(({ common, parts }) => ({ common, typos: countEndingTypos(typed, parts) })),
  ];
  const near = candidates.filter(({ typos }) => typos !== undefined);
  return near.sort((one, other) => (one.typos ?? 0) - (other.typos ?? 0))[0]?.common;
}

type DomainParts = { name: string; ending: string };

/** How many typos lead from a common domain to this one; undefined: too many. */
function countTypos(typed: DomainParts, meant: DomainParts): number | undefined {
  // Most domains already differ by more letters in length than typos are allowed.
  if (Math.abs(typed.name.length - meant.name.length) > maxTypos(meant.name)) return undefined;
  const ending = typed.ending === meant.ending ? 0 : 1;
  if (ending === 1 && !isEndingTypo(typed, meant)) return undefined;
  const letters = editDistance(typed.name, meant.name);
  if (letters > maxTypos(meant.name) || startsDifferently(typed.name, meant.name, letters)) return undefined;
  return letters + ending;
}

/** live.con, gmx.ed: a short name must match; live.co may be a domain of its own. */
function countEndingTypos(typed: DomainParts, meant: DomainParts): number | undefined {
  if (typed.name !== meant.name || isCountryCode(typed.ending)) return undefined;
  return ENDING_TYPOS.has(`${typed.ending} ${meant.ending}`) ? 1 : undefined;
}

/** Gmail and iCloud have one domain for all countries: gmail.co.uk is a typo too. */
function isEndingTypo(typed: DomainParts, meant: DomainParts): boolean {
  if (ENDING_TYPOS.has(`${typed.ending} ${meant.ending}`)) return true;
  return ['gmail.com', 'icloud.com'].includes(`${typed.name}.com`) && /^com?\.[a-z]{2}$/.test(typed.ending);
}

function maxTypos({ length }: string): number {
  if (length >= MIN_LENGTH_FOR_TWO_TYPOS) return 2;
  return length >= MIN_LENGTH_FOR_ONE_TYPO ? 1 : 0;
}

/** A short name that begins with another letter is more often another name (tmail.com) than a typo (hnail.com). */
function startsDifferently(typed: string, meant: string, letters: number): boolean {
  return (
    letters > 0 &&
    meant.length < 6 &&
    typed.length >= meant.length &&
    typed[0] !== meant[0] &&
    typed[1] !== meant[0]
  );
}

/** Two letters that are a country's code (ISO 3166-1), as far as the runtime knows them. */
function isCountryCode(ending: string): boolean {
  if (!/^[a-z]{2}$/.test(ending)) return false;
  return (
    new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(ending.toUpperCase()) !== undefined
  );
}

function splitDomain(domain: string): DomainParts {
  const dot = domain.indexOf('.');
  return { name: domain.slice(0, dot), ending: domain.slice(dot + 1) };
}

/**
 * Damerau-Levenshtein distance in its restricted form (optimal string alignment): a letter that is missing, extra or
 * wrong, or two neighbours swapped, counts one each.
 */
export function editDistance(one: string, other: string): number {
  let [before, above]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const wrong = one[row - 1] === other[column - 1] ? 0 : 1;
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      line.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (line[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + wrong,
          swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    [before, above] = [above, line];
  }
  return above[other.length] ?? 0;
}
