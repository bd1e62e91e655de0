import type { FailingFeed } from '../articles/feeds/feed.js';
import { listFailingFeeds } from '../articles/feeds/reads.js';
import { listFailedRows } from '../deliveries/alerts/reads.js';
import { listInboundCauses } from '../deliveries/alerts/inbound-causes.js';
import { listReturnCauses } from '../deliveries/alerts/return-causes.js';
import { listSystemCauses } from '../deliveries/alerts/system-causes.js';
import { listHooks } from '../events/providers/reads.js';
import type { Db } from '../platform/db/database.js';
import { HOUR_MS } from '../platform/durations.js';
import { findJobOutage } from '../platform/jobs/job-outage.js';
import { listFailingMailboxes } from '../platform/mail/inbound/mailboxes.js';
import { listPublications } from '../publications/reads.js';
import { hasHookTrouble } from './hook-health.js';
import { listCircuits } from '../transports/circuits/reads.js';
import { listUndecided } from './undecided.js';

/** Whether the whole server has trouble, and which publications have some of their own. */
export type Trouble = { ofServer: boolean; publicationIds: ReadonlySet<string> };

/** A site that restarts is no news. */
const MIN_FAILING_MS = HOUR_MS;
const MAX_ROWS = 1000;

/** Feeds that have not worked for so long that operators are told, of all publications. */
export function listFeedsInTrouble(db: Db, now: Date): Promise<FailingFeed[]> {
  return listFailingFeeds(db, { from: new Date(0), to: new Date(now.getTime() - MIN_FAILING_MS) });
}

/** What `readHealth` would find not to be well, in fewer queries. */
export async function readTrouble(db: Db, now: Date): Promise<Trouble> {
  const publications = await listPublications(db);
  const [standstill, outage, circuits, feeds, rows, undecided] = [
    await listSystemCauses(db, publications),
    await findJobOutage(db, now),
    await listCircuits(db),
    await listFeedsInTrouble(db, now),
    await listFailedRows(db, { limit: MAX_ROWS }),
    await listUndecided(db, now),
  ];
  const inbound = [
    ...(await listInboundCauses(db, publications, now)),
    ...(await listFailingMailboxes(db, now)),
  ];
  const returned = await listReturnCauses(db, publications, now);
  const hooks = await listHooks(db);
  const ofServer =
    inbound.length > 0 ||
    standstill.length > 0 ||
    outage !== undefined ||
    circuits.length > 0 ||
    hooks.some((hook) => hasHookTrouble(hook, now));
  return {
    ofServer,
    publicationIds: new Set(
      [...feeds, ...rows, ...undecided, ...returned].map(({ publicationId }) => publicationId),
    ),
  };
}
