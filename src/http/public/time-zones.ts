import { LRUCache } from 'lru-cache';
import { MINUTE_MS } from '../../platform/durations.js';
import { RENAMED_ZONES } from '../../platform/text/time-zone.js';

type ZoneOption = {
  name: string;
  label: string;
  /** A name by which browsers may still call it; null if there is none. */
  oldName: string | null;
};
export type ZoneGroup = { region: string; zones: ZoneOption[] };

const oldNames = new Map([...RENAMED_ZONES].map(([old, name]) => [name, old]));

const known = Intl.supportedValuesOf('timeZone').filter((name) => name.includes('/'));
const names = [...new Set(known.map((name) => RENAMED_ZONES.get(name) ?? name))].toSorted();
/** One for each zone of the list. */
const cachedFormatters = new LRUCache<string, Intl.DateTimeFormat>({ max: 600 });

/** Zones change their offset on a quarter of an hour. */
const OFFSETS_HOLD_MS = 15 * MINUTE_MS;
/** Labels by name, of the latest quarters of an hour that were asked for: making them takes longer than the rest of a page. */
const cachedLabels = new LRUCache<number, Map<string, string>>({ max: 4 });

/**
 * All time zones, grouped by region, with labels like `Nairobi (UTC+3)`.
 * @param chosen a current name (`canonicalTimeZone`); in the list also if Node does not list it
 */
export function zoneGroups(chosen: string, now: Date): ZoneGroup[] {
  const groups = new Map<string, ZoneOption[]>();
  const labels = labelsAt(now);
  for (const name of names.includes(chosen) ? names : [chosen, ...names]) {
    const region = name.includes('/') ? name.slice(0, name.indexOf('/')) : 'UTC';
    const option = { name, label: labels.get(name) ?? label(name, now), oldName: oldNames.get(name) ?? null };
    groups.set(region, [...(groups.get(region) ?? []), option]);
  }
  return [...groups].map(([region, zones]) => ({ region, zones }));
}

function labelsAt(now: Date): Map<string, string> {
  const quarter = Math.floor(now.getTime() / OFFSETS_HOLD_MS);
  const cached = cachedLabels.get(quarter);
  const labels = cached ?? new Map(names.map((name) => [name, label(name, now)]));
  cachedLabels.set(quarter, labels);
  return labels;
}

function label(name: string, now: Date): string {
  const place = name
    .slice(name.indexOf('/') + 1)
    .replaceAll('_', ' ')
    .replaceAll('/', ', ')
    .replace('DumontDUrville', 'Dumont d’Urville');
  return `${place} (${offset(name, now)})`;
}

/** `UTC+3`, `UTC-3:30`. */
function offset(timeZone: string, now: Date): string {
  const cached = cachedFormatters.get(timeZone);
  const formatter = cached ?? new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' });
  cachedFormatters.set(timeZone, formatter);
  const parts = formatter.formatToParts(now);
  return (parts.find((part) => part.type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC');
}
