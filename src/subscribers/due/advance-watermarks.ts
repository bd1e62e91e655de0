import type { Tx } from '../../platform/db/database.js';
import { updateAllWatermarks, updateWatermarks, type ReaderProgress } from './writes.js';

/** Records what was planned for readers, and when each is due next. The caller has locked their rows. */
export async function advanceWatermarks(
  tx: Tx,
  readers: readonly ({ id: string } & ReaderProgress)[],
): Promise<void> {
  if (readers.length === 0) return;
  // Thousands of readers share a few different values: each of those is a parameter once.
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

/** Every confirmed reader counts as having been given all that is released. */
export async function advanceAllWatermarks(tx: Tx): Promise<void> {
  await updateAllWatermarks(tx);
}
