/** How many deliveries are about a second's work for one server: found out by doing. */
export type ChunkSize = { size(): number; adjust(deliveries: number, took: number): void };

const MAX_CHUNK_SIZE = 1000;
const [QUICK_MS, SLOW_MS] = [500, 1500];

/** Begins with what keeps the connections busy for a moment; twice as much when that was quick, half when it was slow. */
export function createChunkSize(connections: number): ChunkSize {
  let size = Math.min(MAX_CHUNK_SIZE, connections * 10);
  return {
    size: () => size,
    adjust(deliveries, took) {
      if (took > SLOW_MS) size = Math.max(connections, Math.round(size / 2));
      else if (took < QUICK_MS && deliveries >= size) size = Math.min(MAX_CHUNK_SIZE, size * 2);
    },
  };
}
