import type { Context } from '../../platform/context.js';
import { canonicalTimeZone } from '../../platform/text/time-zone.js';
import type { Reader } from '../../subscribers/subscription.js';

/** More ids would only make the line longer. */
const MAX_IDS = 20;

/** Readers whose time zone a newer runtime stored and this one does not know: it plans them in UTC. */
export function reportReaderZones(
  { log }: Pick<Context, 'log'>,
  publicationId: string,
  readers: readonly Pick<Reader, 'id' | 'timezone'>[],
): void {
  const ids = readers.filter(({ timezone }) => canonicalTimeZone(timezone) === undefined).map(({ id }) => id);
  if (ids.length === 0) return;
  const subscriptionIds = ids.slice(0, MAX_IDS);
  log.warn({ event: 'reader.time-zone-unknown', publicationId, subscriptionIds, count: ids.length });
}
