import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';

/** What the runtime still calls by a name that the tz database has left behind (its file `backward`), with the names of today. */
export const RENAMED_ZONES: ReadonlyMap<string, string> = new Map([
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

/** Longer than any name of the tz database. */
export const MAX_TIME_ZONE_LENGTH = 60;

/** For zones that this runtime does not know. */
const FALLBACK_ZONE = 'UTC';

/** By the name as it was written; '' for what is no time zone. There are about 600 names. */
const cachedNames = new LRUCache<string, string>({ max: 1000 });

/**
 * A time zone by its name of today in the tz database: Asia/Kolkata for asia/calcutta, America/New_York for US/Eastern.
 * Undefined for all that dates cannot be computed in: names that are none, offsets (+03:00), which know nothing of summer
 * time, and the three letters that Intl takes and Temporal refuses (IST is India to ICU, and Ireland or Israel to others).
 */
export function canonicalTimeZone(name: string): string | undefined {
  if (name.length > MAX_TIME_ZONE_LENGTH) return undefined;
  const cached = cachedNames.get(name);
  const canonical = cached ?? findCanonicalName(name) ?? '';
  if (cached === undefined) cachedNames.set(name, canonical);
  return canonical === '' ? undefined : canonical;
}

/**
 * A stored time zone as this runtime knows it; UTC when it does not, because a newer runtime stored it. Whoever computes
 * with stored zones asks here, so that one row keeps nobody else waiting.
 */
export function usableTimeZone(name: string): string {
  return canonicalTimeZone(name) ?? FALLBACK_ZONE;
}

function findCanonicalName(name: string): string | undefined {
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return undefined;
  try {
    // In capitals, because the polyfill takes `ist` for a zone and refuses `IST`.
    requireTemporalZone(name.toUpperCase());
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    const current = RENAMED_ZONES.get(timeZone) ?? timeZone;
    requireTemporalZone(current);
    return current;
  } catch {
    return undefined;
  }
}

/** @throws RangeError when Temporal does not know it */
function requireTemporalZone(name: string): void {
  Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
}
