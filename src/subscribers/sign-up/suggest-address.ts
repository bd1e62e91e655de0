import { editDistance } from '../../platform/text/edit-distance.js';
import { parseAddress } from '../address.js';
import { isCountryCode, isMisspelt } from './misspelt-ending.js';
import { COMMON_DOMAINS, isWellKnownMailDomain, SHORT_DOMAINS } from './common-mail-domains.js';

// Prepared once, for every form needs them.
const byLetters = new Map(COMMON_DOMAINS.toReversed().map((common) => [withoutDots(common), common]));
const commonParts = COMMON_DOMAINS.map((common) => ({ common, parts: splitDomain(common) }));
const shortParts = SHORT_DOMAINS.map((common) => ({ common, parts: splitDomain(common) }));

/** Their mail is at .com alone, whatever else is registered under their names. */
const COM_ALONE = new Set(['gmail', 'googlemail', 'hotmail', 'outlook', 'icloud', 'yahoo']);
const OTHER_ENDINGS = new Set(['net', 'org', 'info', 'biz']);

/** Keys beside the first letter: a short name that begins otherwise is mostly another name, but none of these is one. */
const FIRST_LETTER_TYPOS = new Map(
  ['tahoo.com', 'uahoo.com', 'gahoo.com', 'hahoo.com'].map((typo) => [typo, 'yahoo.com']),
);

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
  const meant = FIRST_LETTER_TYPOS.get(domain) ?? byLetters.get(withoutDots(domain)) ?? closestDomain(domain);
  return meant === undefined ? undefined : `${email.slice(0, at)}@${meant}`;
}

/**
 * The address that was probably meant by one that is none: `name@gmail,com`, `name@@gmail.com`, `name@gmailcom`, `name@gmail`. Only
 * at a common mail domain, since nothing else shows that it is repaired.
 */
export function repairAddress(typed: string): string | undefined {
  const [, local = '', written = ''] = /^([^@]+)@+([^@]+)$/.exec(typed.trim()) ?? [];
  const domain = written
    .toLowerCase()
    .replace(/[,;:.>)]+$/, '')
    .replace(/[,;:]/g, '.');
  const meant = isWellKnownMailDomain(domain)
    ? domain
    : (byLetters.get(withoutDots(domain)) ?? (COM_ALONE.has(domain) ? `${domain}.com` : undefined));
  const repaired = parseAddress(`${local}@${meant ?? ''}`);
  return repaired.kind === 'address' ? repaired.address.email : undefined;
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
  const ending = countEnding(typed, meant);
  if (ending === undefined) return undefined;
  const letters = editDistance(typed.name, meant.name);
  if (letters > maxTypos(meant.name) || startsDifferently(typed.name, meant.name, letters)) return undefined;
  return letters + ending;
}

/** comcast.con: nothing ends so, and the name is known only with its own ending. */
function countEnding(typed: DomainParts, meant: DomainParts): number | undefined {
  if (typed.ending === meant.ending) return 0;
  if (isEndingTypo(typed, meant)) return 1;
  if (typed.name !== meant.name || isCountryCode(typed.ending)) return undefined;
  return isMisspelt(typed.ending, 'com') ? 2 : undefined;
}

/** live.con, gmx.ed: a short name must match; live.co may be a domain of its own. */
function countEndingTypos(typed: DomainParts, meant: DomainParts): number | undefined {
  if (typed.name !== meant.name || isCountryCode(typed.ending)) return undefined;
  return isMisspelt(typed.ending, meant.ending) ? 1 : undefined;
}

/** Gmail and iCloud have one domain for all countries: gmail.co.uk is a typo too. */
function isEndingTypo(typed: DomainParts, meant: DomainParts): boolean {
  if (isMisspelt(typed.ending, meant.ending)) return true;
  if (meant.ending !== 'com' || typed.name !== meant.name) return false;
  if (COM_ALONE.has(typed.name) && OTHER_ENDINGS.has(typed.ending)) return true;
  return ['gmail', 'icloud'].includes(typed.name) && /^co[mn]?\.[a-z]{2}$/.test(typed.ending);
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

function splitDomain(domain: string): DomainParts {
  const dot = domain.indexOf('.');
  return { name: domain.slice(0, dot), ending: domain.slice(dot + 1) };
}
