/** How many deliveries are about a second's work for one server: found out by doing. */
export type Pace = { size(): number; keep(deliveries: number, took: number): void };

const MOST = 1000;
const [QUICK_MS, SLOW_MS] = [500, 1500];

/** Begins with what keeps the connections busy for a moment; twice as much when that was quick, half when it was slow. */
export function createPace(connections: number): Pace {
  let size = Math.min(MOST, connections * 10);
  return {
    size: () => size,
    keep(deliveries, took) {
      if (took > SLOW_MS) size = Math.max(connections, Math.round(size / 2));
      else if (took < QUICK_MS && deliveries >= size) size = Math.min(MOST, size * 2);
    },
  };
}
