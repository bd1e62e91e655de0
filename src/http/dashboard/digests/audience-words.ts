import type { AudienceNumbers } from '../../../dashboard/audience.js';
import type { Cadence } from '../../../publications/publication.js';
import { countReadersWord, formatCount } from './ledger-words.js';

/** What readers' rhythms are called where they are counted. */
const RHYTHMS: Record<Cadence, string> = {
  instant: 'each article',
  daily: 'daily',
  weekly: 'weekly',
  monthly: 'monthly',
};

/** "11,940 = 8,140 daily + 2,100 each article + 1,700 weekly; not 64 paused, 12 do-not-mail." */
export function describeWho(numbers: AudienceNumbers): string[] {
  const { total, chosen, due } = numbers;
  if (total === 0) return ['Nobody: there is no confirmed reader of its rhythm.'];
  const left = notReached(numbers);
  const not = left.length === 0 ? '' : `; not ${left.join(', ')}`;
  const isChosen = chosen.locale !== undefined || chosen.topics !== undefined;
  return [
    `${sumOf(numbers)}${not}.`,
    ...(isChosen ? [`Of them only those ${chosenWords(chosen)}.`] : []),
    ...(due === undefined || due === total ? [] : [dueWords(due)]),
  ];
}

/** What a button that sends says: `Send to 11,940 readers`. Exact where they are few, else up to. */
export function describeReach({ total, due }: Pick<AudienceNumbers, 'total' | 'due'>): string {
  return due === undefined ? `up to ${countReadersWord(total)}` : countReadersWord(due);
}

/** "Also the 1,700 weekly and 300 monthly readers, 12,240 in all." Null: there are none. */
export function describeOthers({ total, others }: AudienceNumbers): string | null {
  if (others.length === 0) return null;
  const named = others.map(({ cadence, count }) => `${formatCount(count)} ${RHYTHMS[cadence]}`).join(' and ');
  const count = others.reduce((sum, other) => sum + other.count, 0);
  return `Also the ${named} ${count === 1 ? 'reader' : 'readers'}, ${formatCount(total + count)} in all`;
}

function sumOf({ total, parts }: AudienceNumbers): string {
  const sorted = parts.toSorted((one, other) => other.count - one.count);
  const sum = sorted.map(({ cadence, count }) => `${formatCount(count)} ${RHYTHMS[cadence]}`).join(' + ');
  return parts.length === 1 ? sum : `${formatCount(total)} = ${sum}`;
}

function notReached({ paused, suppressed }: AudienceNumbers): string[] {
  return [
    ...(paused > 0 ? [`${formatCount(paused)} paused`] : []),
    ...(suppressed > 0 ? [`${formatCount(suppressed)} do-not-mail`] : []),
  ];
}

function chosenWords({ locale, topics }: AudienceNumbers['chosen']): string {
  const words = [
    ...(locale === undefined ? [] : [`who read ${locale}`]),
    ...(topics === undefined ? [] : [`who chose ${topics.join(' or ')}, or no topic`]),
  ];
  return words.join(' and ');
}

function dueWords(due: number): string {
  if (due === 0) return 'None of them has anything new to read.';
  return `${formatCount(due)} of them ${due === 1 ? 'has' : 'have'} something new to read.`;
}
