import type { Tx } from '../../platform/db/database.js';
import { updateWatermarks, type ReaderProgress } from '../writes.js';

/**
 * Moves readers on after planning: the newest article number planned for each, and when she is due next.
 * The caller holds their rows.
 */
export async function advanceWatermarks(
  tx: Tx,
  readers: readonly ({ id: string } & ReaderProgress)[],
): Promise<void> {
  if (readers.length === 0) return;
  // Many readers, few different steps: each of those is written out once.
  const steps: ReaderProgress[] = [];
  const places = new Map<string, number>();
  const placeOf = ({ watermark, nextDueAt }: ReaderProgress) => {
    const key = `${watermark} ${nextDueAt?.getTime()}`;
    const place = places.get(key) ?? steps.push({ watermark, nextDueAt });
    places.set(key, place);
    return place;
  };
  await updateWatermarks(
    tx,
    readers.map((reader) => ({ id: reader.id, place: placeOf(reader) })),
    steps,
  );
}
