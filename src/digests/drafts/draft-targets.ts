import { Temporal } from 'temporal-polyfill';
import type { Context } from '../../platform/context.js';
import { usableTimeZone } from '../../platform/text/time-zone.js';
import { cadences, type Cadence, type Publication } from '../../publications/publication.js';
import { readDueCounts } from '../calendar/due-counts.js';
import { periodOf, type PeriodicCadence } from '../calendar/period.js';
import type { DraftTarget } from './write-draft.js';

/** The digests of a rhythm that can be written for. */
export type RhythmTargets = {
  cadence: Cadence;
  /** When the first of its readers is due next; undefined: each article goes within minutes, or nobody is due. */
  nextAt: Date | undefined;
  /** The next ones, by their periods; of each article there are none. */
  periods: string[];
};

/** How far ahead. */
const AHEAD: Record<PeriodicCadence, { count: number; step: Temporal.DurationLike }> = {
  daily: { count: 14, step: { days: 1 } },
  weekly: { count: 8, step: { weeks: 1 } },
  monthly: { count: 6, step: { months: 1 } },
};

/** Of the rhythms that have readers. */
export async function listTargets(
  context: Pick<Context, 'db' | 'now'>,
  publication: Publication,
  byCadence: Readonly<Record<Cadence, number>>,
): Promise<RhythmTargets[]> {
  const due = await readDueCounts(context, publication.id);
  return cadences
    .filter((cadence) => byCadence[cadence] > 0)
    .map((cadence) => ({
      cadence,
      nextAt: due.find((one) => one.cadence === cadence)?.dueAt,
      periods:
        cadence === 'instant' ? [] : [...comingPeriods(publication, cadence, context.now()).keys()].slice(1),
    }));
}

/** The digest of a period that is to come, or of the one before, which is not over in all time zones; undefined: of no such. */
export function findTarget(
  publication: Publication,
  { cadence, period }: { cadence: Cadence | null; period: string | null },
  now: Date,
): DraftTarget | undefined {
  if (cadence === null || period === null)
    return period === null ? { cadence, period, closesAt: null } : undefined;
  if (cadence === 'instant') return undefined;
  const closesAt = comingPeriods(publication, cadence, now).get(period);
  return closesAt && { cadence, period, closesAt };
}

/** With when each is over in the last time zone. */
function comingPeriods(
  { timezone }: Pick<Publication, 'timezone'>,
  cadence: PeriodicCadence,
  now: Date,
): Map<string, Date> {
  const { count, step } = AHEAD[cadence];
  let at = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(usableTimeZone(timezone))
    .subtract(step);
  const periods = new Map<string, Date>();
  for (let index = 0; index <= count; index++) {
    const { key, closesAt } = periodOf(cadence, timezone, new Date(at.epochMilliseconds));
    if (closesAt > now) periods.set(key, closesAt);
    at = at.add(step);
  }
  return periods;
}
