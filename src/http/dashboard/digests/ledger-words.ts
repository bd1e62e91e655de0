import type { DigestState } from '../../../digests/digest.js';
import type { DeliveryCounts, DeliveryState } from '../../../deliveries/delivery.js';

/** What a state of the ledger is called on pages, and what it means for the reader. */
type LedgerRow = { state: DeliveryState; name: string; icon: string; means: string };

/** As the page of a digest lists them. */
const LEDGER: readonly LedgerRow[] = [
  { state: 'accepted', name: 'Accepted by mail server', icon: 'good', means: 'Her mail server took it' },
  { state: 'sending', name: 'On its way', icon: 'send', means: 'Being handed to the mail server now' },
  { state: 'queued', name: 'Waiting', icon: 'wait', means: 'Its turn comes' },
  { state: 'deferred', name: 'Delayed', icon: 'wait', means: 'The mail server asked us to try later' },
  {
    state: 'rejected',
    name: 'Bounced',
    icon: 'stop',
    means: 'The mail server refused it, or kept delaying it until it was given up',
  },
  {
    state: 'uncertain',
    name: 'Unclear: may have arrived',
    icon: 'uncertain',
    means: 'The connection broke before the answer came',
  },
  {
    state: 'skipped',
    name: 'Not sent',
    icon: 'skip',
    means: 'For example since she left, it was too late, or it was cancelled',
  },
];

/** What each state is called on pages. */
export const stateNames = Object.fromEntries(LEDGER.map(({ state, name }) => [state, name])) as Record<
  DeliveryState,
  string
>;

/** The states that somebody is in, with how many. */
export function ledgerRows(counts: DeliveryCounts): (LedgerRow & { count: number })[] {
  return LEDGER.map((row) => ({ ...row, count: counts[row.state] })).filter(({ count }) => count > 0);
}

/** What stands behind "11,982 of 12,004 accepted": `420 waiting`. */
const SHORT_WORDS: readonly [DeliveryState, string][] = [
  ['sending', 'on its way'],
  ['queued', 'waiting'],
  ['deferred', 'delayed'],
  ['rejected', 'bounced'],
  ['uncertain', 'unclear'],
  ['skipped', 'not sent'],
];

/** What became of a digest in one line, or that nothing has yet: "11,982 of 12,004 accepted, 15 delayed, 7 bounced". */
export function describeFigures({ state, counts }: { state: DigestState; counts: DeliveryCounts }): string {
  if (counts.planned > 0) return describeCounts(counts);
  if (state === 'held' || state === 'approved') return 'Nobody has been mailed it yet';
  return state === 'sending' ? 'Its readers are being found' : 'Nobody was mailed it';
}

function describeCounts(counts: DeliveryCounts): string {
  return figuresOf(counts)
    .map(({ number, words }) => `${number} ${words}`)
    .join(', ');
}

/** The same in parts, each of which leads to its readers: `11,982`, and what follows it. */
export function figuresOf(counts: DeliveryCounts): { state: DeliveryState; number: string; words: string }[] {
  if (counts.planned === 0) return [];
  const rest = SHORT_WORDS.filter(([state]) => counts[state] > 0);
  return [
    {
      state: 'accepted',
      number: formatCount(counts.accepted),
      words: `of ${formatCount(counts.planned)} accepted`,
    },
    ...rest.map(([state, words]) => ({ state, number: formatCount(counts[state]), words })),
  ];
}

/** `12,004`, as operators read it. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** `12,004 readers`. */
export function countReadersWord(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'reader' : 'readers'}`;
}
