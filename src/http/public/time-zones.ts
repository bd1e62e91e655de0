type ZoneOption = { name: string; label: string };
export type ZoneGroup = { region: string; zones: ZoneOption[] };

const names = Intl.supportedValuesOf('timeZone').filter((name) => name.includes('/'));
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * Every time zone there is, by region, as a person looks for hers: `Nairobi (UTC+3)`.
 * @param chosen is in the list whatever it is; old names of zones live on in browsers
 */
export function zoneGroups(chosen: string, now: Date): ZoneGroup[] {
  const groups = new Map<string, ZoneOption[]>();
  for (const name of names.includes(chosen) ? names : [chosen, ...names]) {
    const region = name.includes('/') ? name.slice(0, name.indexOf('/')) : 'UTC';
    groups.set(region, [...(groups.get(region) ?? []), { name, label: label(name, now) }]);
  }
  return [...groups].map(([region, zones]) => ({ region, zones }));
}

function label(name: string, now: Date): string {
  const place = name
    .slice(name.indexOf('/') + 1)
    .replaceAll('_', ' ')
    .replaceAll('/', ', ');
  return `${place} (${offset(name, now)})`;
}

/** UTC+3, UTC-3:30 */
function offset(timeZone: string, now: Date): string {
  const known = formatters.get(timeZone);
  const formatter = known ?? new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' });
  formatters.set(timeZone, formatter);
  const parts = formatter.formatToParts(now);
  return (parts.find((part) => part.type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC');
}
