import type { Tx } from '../platform/db/database.js';
import { advanceReaders, type Step } from './writes.js';

/**
 * Moves readers on after planning: the newest article number planned for each, and when she is due next.
 * The caller holds their rows.
 */
export async function advance(tx: Tx, readers: readonly ({ id: string } & Step)[]): Promise<void> {
  if (readers.length === 0) return;
  // Many readers, few different steps: each of those is written out once.
  const steps: Step[] = [];
  const places = new Map<string, number>();
  const placeOf = ({ watermark, nextDueAt }: Step) => {
    const key = `${watermark} ${nextDueAt?.getTime()}`;
    const place = places.get(key) ?? steps.push({ watermark, nextDueAt });
    places.set(key, place);
    return place;
  };
  await advanceReaders(
    tx,
    readers.map((reader) => ({ id: reader.id, place: placeOf(reader) })),
    steps,
  );
}
