/** Numbers from 0 to 1 that follow from a seed: mulberry32, of which https://github.com/bryc/code has the origin. */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number between the two. */
export function between(random: Random, min: number, max: number): number {
  return min + random() * (max - min);
}
