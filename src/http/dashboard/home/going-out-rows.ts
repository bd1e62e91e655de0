import type { Draft } from '../../../digests/drafts/draft.js';
import type { GoingOut } from '../../../dashboard/going-out.js';
import { formatClock, formatShortDay } from '../../../platform/text/format-dates.js';
import { usableTimeZone } from '../../../platform/text/time-zone.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Cadence, Publication } from '../../../publications/publication.js';

const NAMES: Readonly<Record<Cadence, string>> = {
  instant: 'Each article',
  daily: 'Daily',
  weekly: 'Weekly',
  monthly: 'Monthly',
};

/** A line for each rhythm: when, to how many, what, and what can be done about it. */
export function goingOutRows(
  rows: readonly GoingOut[],
  { timezone }: Publication,
  drafts: readonly Draft[],
): TemplateData[] {
  return rows.map((row) => ({
    cadence: row.cadence,
    name: NAMES[row.cadence],
    when: describeWhen(row, timezone),
    readers: row.readers,
    readersPath: `/readers?state=reading&rhythm=${row.cadence}`,
    articles: describeArticles(row),
    state: describeState(row),
    words: describeWords(row, drafts),
    digestPath: row.digest === undefined ? null : `/digests/${row.digest.id}`,
    previewPath: findPreview(row),
    mayHold: row.times !== null && !isStopped(row),
  }));
}

/** "Tue 1 Dec, 05:00-21:00, most at 07:00 (Nairobi)". */
function describeWhen({ cadence, times }: GoingOut, timezone: string): string {
  if (cadence === 'instant') return 'within minutes of coming out';
  if (times === null) return 'at the hour that each reader chose';
  const [day, lastDay, mostDay] = [times.from, times.to, times.most].map((at) =>
    formatShortDay(at, timezone, 'en'),
  );
  const [from, to, most] = [times.from, times.to, times.most].map((at) => formatClock(at, timezone, 'en'));
  const zone = `(${nameOfZone(timezone)})`;
  if (times.from.getTime() === times.to.getTime()) return `${day}, ${from} ${zone}`;
  if (day === lastDay) return `${day}, ${from}–${to}, most at ${most} ${zone}`;
  return `${day}, ${from} to ${lastDay}, ${to}, most on ${mostDay} at ${most} ${zone}`;
}

/** `Africa/Nairobi` -> `Nairobi` */
function nameOfZone(timezone: string): string {
  const zone = usableTimeZone(timezone);
  return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');
}

function describeArticles({ articles: { count, titles } }: GoingOut): string {
  const [first] = titles;
  if (count === 0 || first === undefined) return 'nothing new yet';
  return count === 1 ? `1 article: ${first}` : `${count.toLocaleString('en')} articles: ${first} …`;
}

function describeState({ digest, times }: GoingOut): string | null {
  switch (digest?.state) {
    case 'held':
      return 'Held: its readers wait until you let it go.';
    case 'paused':
      return 'Paused: who has it keeps it, and the others wait.';
    case 'sending':
      return times === null ? 'On its way.' : 'On its way: the hours of these readers are still to come.';
    case 'approved':
    case 'closed':
    case 'cancelled':
    case undefined:
      return null;
  }
}

/** What is written for it; null: nothing, or it has begun. */
function describeWords(
  { cadence }: GoingOut,
  drafts: readonly Draft[],
): { path: string; label: string } | null {
  const draft = drafts.find((one) => one.cadence === cadence && one.period === null);
  if (draft === undefined) return null;
  const label = draft.state === 'approved' ? 'It goes with your words' : 'Words for it are not approved yet';
  return { path: `/emails/${draft.id}`, label };
}

function isStopped({ digest }: GoingOut): boolean {
  return digest?.state === 'held' || digest?.state === 'paused';
}

function findPreview({ cadence, digest, articles }: GoingOut): string | null {
  if (digest !== undefined) return `/digests/${digest.id}/preview`;
  return articles.count > 0 ? `/digests/coming/${cadence}/preview` : null;
}
