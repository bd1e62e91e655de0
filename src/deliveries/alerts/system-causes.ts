import { listClockDifferences } from '../../platform/clock/clock-differences.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { findMailHold } from '../../platform/restore/installation.js';
import type { Publication } from '../../publications/publication.js';
import type { AlertCause } from './alert.js';

/** What stops the mail of all publications. The alert is in the name of the oldest, whose id is the cause's. */
export async function listSystemCauses(
  db: Db | Tx,
  publications: readonly Pick<Publication, 'id'>[],
): Promise<AlertCause[]> {
  const [oldest] = publications;
  if (oldest === undefined) return [];
  const ids = { id: oldest.id, publicationId: oldest.id };
  const hold = await findMailHold(db);
  const differences = await listClockDifferences(db);
  return [
    ...(hold === undefined ? [] : [{ ...ids, kind: 'restored' as const, hold }]),
    ...(differences.length === 0 ? [] : [{ ...ids, kind: 'wrong-clock' as const, differences }]),
  ];
}
