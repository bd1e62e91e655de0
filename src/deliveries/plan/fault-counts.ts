import type { Tx } from '../../platform/db/database.js';
import type { Reader } from '../../subscribers/subscription.js';

export type PlanChunk = (tx: Tx, readers: readonly Reader[]) => Promise<void>;

/** More failures than this, and than readers who were planned, are no fault of readers: their publication is left out. */
const MAX_FAILED_READERS = 100;

/** Of one pass of planning. */
export type FaultCounts = {
  /** The same work, which counts the readers of each publication who were planned, and those who could not be. */
  counted(plan: PlanChunk): PlanChunk;
  /** Whether the fault is the publication's. */
  isLeftOut(publicationId: string): boolean;
  /** False the first time that it is asked about a row. */
  isRecorded(rowId: string): boolean;
};

export function createFaultCounts(): FaultCounts {
  const [planned, failed] = [new Map<string, number>(), new Map<string, number>()];
  const recorded = new Set<string>();
  const countIn = (counts: Map<string, number>, readers: readonly Reader[]) => {
    for (const { publicationId: id } of readers) counts.set(id, (counts.get(id) ?? 0) + 1);
  };
  return {
    counted: (plan) => async (tx, readers) => {
      try {
        await plan(tx, readers);
        countIn(planned, readers);
      } catch (error) {
        if (readers.length === 1) countIn(failed, readers);
        throw error;
      }
    },
    isLeftOut: (id) => (failed.get(id) ?? 0) > Math.max(MAX_FAILED_READERS, planned.get(id) ?? 0),
    isRecorded: (id) => recorded.size === recorded.add(id).size,
  };
}
