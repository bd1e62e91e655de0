import { editDistance } from '../../platform/text/edit-distance.js';
import { areNeighbours } from '../../platform/text/keyboard.js';
import { isCountryCode, isMisspelt } from './misspelt-ending.js';

type DomainParts = { name: string; ending: string };

/** Their mail is at .com alone, whatever else is registered under their names. */
export const COM_ALONE: ReadonlySet<string> = new Set([
  'gmail',
  'googlemail',
  'hotmail',
  'outlook',
  'icloud',
  'yahoo',
]);
const OTHER_ENDINGS = new Set(['net', 'org', 'info', 'biz']);
/** They have one domain for all countries. */
const WITHOUT_COUNTRIES = new Set(['gmail', 'icloud']);
/** A word by which others are called, too: outlook.org may be theirs. */
const COMMON_WORD = 'outlook';
/** With another letter in front, such as ucloud.com, it is a name of its own. */
const LETTER_AND_WORD = 'icloud';
/** A short name that begins otherwise is mostly another name, but none of these is one: the key beside was hit. */
const FIRST_LETTER_TYPOS = new Set(['tahoo', 'uahoo', 'gahoo', 'hahoo']);

/** A shorter name with so many wrong letters may well be another word. */
const MIN_LENGTH_FOR_ONE_TYPO = 5;
const MIN_LENGTH_FOR_TWO_TYPOS = 9;
const MIN_LENGTH_FOR_FIRST_LETTER = 6;
const MIN_LENGTH_FOR_STUTTER = 6;

export function splitDomain(domain: string): DomainParts {
  const dot = domain.indexOf('.');
  return { name: domain.slice(0, dot), ending: domain.slice(dot + 1) };
}

/** How many typos lead from a common domain to this one; undefined: too many. */
export function countTypos(typed: DomainParts, meant: DomainParts): number | undefined {
  // Most domains already differ by more letters in length than typos are allowed.
  if (Math.abs(typed.name.length - meant.name.length) > maxTypos(meant.name)) return undefined;
  const ending = countEnding(typed, meant);
  if (ending === undefined) return undefined;
  const letters = editDistance(typed.name, meant.name);
  const isNear = letters <= maxTypos(meant.name) || (letters === 2 && isShuffled(typed.name, meant.name));
  if (!isNear || startsDifferently(typed.name, meant.name, letters)) return undefined;
  return letters + ending;
}

/** Of a domain whose name is short, or a word: libero.itt and libreo.it, but live.co and libro.it may be domains of their own. */
export function countShortNameTypos(typed: DomainParts, meant: DomainParts): number | undefined {
  if (typed.ending === meant.ending) return isStutter(typed.name, meant.name) ? 1 : undefined;
  if (typed.name !== meant.name || isCountryCode(typed.ending)) return undefined;
  return isMisspelt(typed.ending, meant.ending) ? 1 : undefined;
}

/** comcast.con: nothing ends so, and the name is known only with its own ending. */
function countEnding(typed: DomainParts, meant: DomainParts): number | undefined {
  if (typed.ending === meant.ending) return 0;
  if (isMisspelt(typed.ending, meant.ending) || isNotTheirEnding(typed, meant)) return 1;
  if (typed.name !== meant.name || isCountryCode(typed.ending)) return undefined;
  return isMisspelt(typed.ending, 'com') ? 2 : undefined;
}

/** gmail.net, gmail.co.uk, gmial.couk: registered or not, the service has no mail there. */
function isNotTheirEnding({ name, ending }: DomainParts, meant: DomainParts): boolean {
  if (meant.ending !== 'com' || !COM_ALONE.has(meant.name)) return false;
  if (meant.name === COMMON_WORD && ending !== 'net') return false;
  const isElsewhere =
    OTHER_ENDINGS.has(ending) ||
    (WITHOUT_COUNTRIES.has(meant.name) && /^(?:c?o|co[mn])\.[a-z]{2}$/.test(ending)) ||
    (meant.name === 'gmail' && /^co[a-z]{2,}$/.test(ending));
  return isElsewhere && (name === meant.name || isShuffled(name, meant.name));
}

function maxTypos({ length }: string): number {
  if (length >= MIN_LENGTH_FOR_TWO_TYPOS) return 2;
  return length >= MIN_LENGTH_FOR_ONE_TYPO ? 1 : 0;
}

/** All its letters in another order, such as gmila: no other name, even where it takes two swaps. */
function isShuffled(typed: string, meant: string): boolean {
  return meant.length >= MIN_LENGTH_FOR_ONE_TYPO && typed[0] === meant[0] && sorted(typed) === sorted(meant);
}

function sorted(text: string): string {
  return Array.from(text).toSorted().join('');
}

/** libreo, orannge: two letters swapped, or one twice, make no other word of one that is long enough. */
function isStutter(typed: string, meant: string): boolean {
  if (meant.length < MIN_LENGTH_FOR_STUTTER || typed[0] !== meant[0]) return false;
  const isTwice = typed.length > meant.length && typed.replace(/(.)\1/, '$1') === meant;
  return editDistance(typed, meant) === 1 && (isTwice || isShuffled(typed, meant));
}

/**
 * A name that begins with another letter is more often another name (tmail.com, lastmail.com) than a typo: a short one always, a longer
 * one unless the key beside was hit (jotmail.com).
 */
function startsDifferently(typed: string, meant: string, letters: number): boolean {
  if (letters === 0 || typed.length < meant.length || FIRST_LETTER_TYPOS.has(typed)) return false;
  if (typed[0] === meant[0] || typed[1] === meant[0]) return false;
  if (meant.length < MIN_LENGTH_FOR_FIRST_LETTER || meant === LETTER_AND_WORD) return true;
  return !areNeighbours(typed[0], meant[0]);
}
