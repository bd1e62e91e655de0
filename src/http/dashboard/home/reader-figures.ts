import type { ReadersOverTime } from '../../../dashboard/readers-over-time.js';
import { formatDate } from '../../../platform/text/format-dates.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { SubscriptionStatus } from '../../../subscribers/subscription.js';
import { formatCount } from '../digests/ledger-words.js';
import { drawReaders } from './reader-chart.js';

/** The numbers, and the word by which the list of readers filters. */
const FIGURES: readonly { status: SubscriptionStatus; label: string; icon: string; state: string }[] = [
  { status: 'confirmed', label: 'Confirmed', icon: 'good', state: 'reading' },
  { status: 'pending', label: 'Waiting to confirm', icon: 'wait', state: 'waiting' },
  { status: 'added', label: 'Added, not started', icon: 'wait', state: 'added' },
  { status: 'paused', label: 'Paused', icon: 'pause', state: 'paused' },
  { status: 'unsubscribed', label: 'Unsubscribed', icon: 'leave', state: 'left' },
];

/** How many readers there are, what changed in 30 days, and the last 90 as a picture and as a table. */
export function describeReaders({ counts, change, days }: ReadersOverTime): TemplateData {
  const [first, last] = [days[0], days.at(-1)];
  return {
    figures: FIGURES.filter(({ status }) => status !== 'added' || counts.added > 0).map(
      ({ status, label, icon, state }) => ({
        label,
        icon,
        count: counts[status],
        change: describeChange(change[status]),
        path: `/readers?state=${state}`,
      }),
    ),
    isEmpty: FIGURES.every(({ status }) => counts[status] === 0),
    chart: days.some(({ readers }) => readers > 0) ? drawReaders(days) : null,
    first: first && { date: formatDay(first.date), readers: first.readers },
    last: last && { date: formatDay(last.date), readers: last.readers },
    days: days.toReversed().map((day) => ({ ...day, date: formatDay(day.date) })),
  };
}

function describeChange(change: number): string {
  if (change === 0) return 'as 30 days ago';
  return `${change > 0 ? '+' : '−'}${formatCount(Math.abs(change))} in 30 days`;
}

/** @param date like 2026-11-22 */
function formatDay(date: string): string {
  return formatDate(new Date(`${date}T12:00:00Z`), 'UTC', 'en');
}
