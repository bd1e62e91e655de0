import type { ReaderCounts } from '../../../subscribers/counts/reads.js';
import type { Matching } from '../../../subscribers/list/search-readers.js';
import type { ListQuery } from './list-query.js';

/**
 * How many readers fit, in words: exactly where a number of them is kept, or all were found; "about" where some of the newest
 * were looked at.
 */
export function describeNumber(query: ListQuery, matching: Matching, counts: ReaderCounts): string {
  const kept = keptNumber(query, counts);
  if (kept !== undefined) return readersText(kept);
  if (matching.kind === 'exact') return readersText(matching.count);
  const total = query.from === '' && query.to === '' ? keptNumber(onlyState(query), counts) : undefined;
  if (total === undefined) return `More than ${rounded(matching.count).toLocaleString('en')} readers`;
  return `About ${rounded((total * matching.count) / matching.of).toLocaleString('en')} readers`;
}

/** Undefined: of those who fit no number is kept. */
function keptNumber(query: ListQuery, counts: ReaderCounts): number | undefined {
  const { state, rhythm, ...rest } = query;
  if (Object.values(rest).some((value) => value !== '')) return undefined;
  if (rhythm !== '') return state === 'reading' ? counts.byCadence[rhythm] : undefined;
  const { added, confirmed, paused, unsubscribed, pending } = counts;
  const numbers = {
    '': added + confirmed + paused + unsubscribed,
    reading: confirmed,
    added,
    paused,
    left: unsubscribed,
  };
  return state === 'waiting' ? pending : numbers[state];
}

function onlyState({ state }: ListQuery): ListQuery {
  const none = {
    q: '',
    rhythm: '',
    topic: '',
    language: '',
    form: '',
    bounced: '',
    from: '',
    to: '',
    mailed: '',
  };
  return { ...none, state } as ListQuery;
}

/** To two digits. */
function rounded(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(count, 1))) - 1);
  return Math.floor(count / step) * step;
}

function readersText(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'reader' : 'readers'}`;
}
