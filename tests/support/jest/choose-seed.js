import { randomInt } from 'node:crypto';

/** The same in each run, unless RANDOM_SEED names another; 1 asks for one that nobody chose. */
export default function chooseSeed() {
  const seed = process.env.RANDOM_SEED ?? '20261101';
  process.env.RANDOM_SEED = seed === '1' ? `${randomInt(2, 2 ** 31)}` : seed;
}
