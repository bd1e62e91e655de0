type ZoneOption = {
  name: string;
  label: string;
  /** A name by which browsers may still call it; null if there is none. */
  oldName: string | null;
};
export type ZoneGroup = { region: string; zones: ZoneOption[] };

/** Names that Node still uses, with their present names in the tz database (its file `backward` has both). */
const renamed = new Map([
  ['Africa/Asmera', 'Africa/Asmara'],
  ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ['America/Catamarca', 'America/Argentina/Catamarca'],
  ['America/Coral_Harbour', 'America/Atikokan'],
  ['America/Cordoba', 'America/Argentina/Cordoba'],
  ['America/Godthab', 'America/Nuuk'],
  ['America/Indianapolis', 'America/Indiana/Indianapolis'],
  ['America/Jujuy', 'America/Argentina/Jujuy'],
  ['America/Louisville', 'America/Kentucky/Louisville'],
  ['America/Mendoza', 'America/Argentina/Mendoza'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Asia/Katmandu', 'Asia/Kathmandu'],
  ['Asia/Rangoon', 'Asia/Yangon'],
  ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
  ['Atlantic/Faeroe', 'Atlantic/Faroe'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['Pacific/Enderbury', 'Pacific/Kanton'],
  ['Pacific/Ponape', 'Pacific/Pohnpei'],
  ['Pacific/Truk', 'Pacific/Chuuk'],
]);
const oldNames = new Map([...renamed].map(([old, name]) => [name, old]));

const known = Intl.supportedValuesOf('timeZone').filter((name) => name.includes('/'));
const names = [...new Set(known.map((name) => renamed.get(name) ?? name))].toSorted();
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * All time zones, grouped by region, with labels like `Nairobi (UTC+3)`.
 * @param chosen a current name; in the list also if Node does not list it
 */
export function zoneGroups(chosen: string, now: Date): ZoneGroup[] {
  const groups = new Map<string, ZoneOption[]>();
  for (const name of names.includes(chosen) ? names : [chosen, ...names]) {
    const region = name.includes('/') ? name.slice(0, name.indexOf('/')) : 'UTC';
    const option = { name, label: label(name, now), oldName: oldNames.get(name) ?? null };
    groups.set(region, [...(groups.get(region) ?? []), option]);
  }
  return [...groups].map(([region, zones]) => ({ region, zones }));
}

/** The present name of a zone: Asia/Kolkata for Asia/Calcutta, America/New_York for US/Eastern. */
export function currentZone(name: string): string {
  if (names.includes(name)) return name;
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
  return renamed.get(timeZone) ?? timeZone;
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
  const known = formatters.get(timeZone);
  const formatter = known ?? new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' });
  formatters.set(timeZone, formatter);
  const parts = formatter.formatToParts(now);
  return (parts.find((part) => part.type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC');
}
