import type { Context } from '../platform/context.js';
import { canonicalTimeZone } from '../platform/text/time-zone.js';
import { listPublications } from './reads.js';

/** Publications whose time zone a newer runtime stored and this one does not know: their dates are those of UTC. */
export async function reportPublicationZones({ db, log }: Pick<Context, 'db' | 'log'>): Promise<void> {
  for (const { id, timezone } of await listPublications(db))
    if (canonicalTimeZone(timezone) === undefined)
      log.warn({ event: 'publication.time-zone-unknown', publicationId: id });
}
