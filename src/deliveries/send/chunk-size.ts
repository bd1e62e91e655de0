/** How many deliveries are about a second's work for one server: measured as it sends. */
export type ChunkSize = { size(): number; adjust(deliveries: number, tookMs: number): void };

const MAX_CHUNK_SIZE = 1000;
const [QUICK_MS, SLOW_MS] = [500, 1500];

/** Begins with what keeps the connections busy for a moment; twice as much when that was quick, half when it was slow. */
export function createChunkSize(connections: number): ChunkSize {
  let size = Math.min(MAX_CHUNK_SIZE, connections * 10);
  return {
    size: () => size,
    adjust(deliveries, tookMs) {
      if (tookMs > SLOW_MS) size = Math.max(connections, Math.round(size / 2));
      else if (tookMs < QUICK_MS && deliveries >= size) size = Math.min(MAX_CHUNK_SIZE, size * 2);
    },
  };
}
