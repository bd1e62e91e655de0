import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

/** In characters. */
export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 200;

export type PasswordMistake = 'too-short' | 'too-long' | 'well-known';

/** Of five levels: too few guesses are needed below it, even where each takes as long as here (zxcvbn). */
const MIN_SCORE = 3;

/** Estimating takes time by the square of the length. */
const MAX_ESTIMATED_LENGTH = 72;

/**
 * Whether a password may not be taken: one that is among the well-known ones, or is made of them, of a row of keys or digits,
 * of the address or of our name. There is no rule about kinds of characters (NIST SP 800-63B, section 3.1.1.2).
 * @param about what others know of the account: its address and name
 */
export async function findPasswordMistake(
  password: string,
  about: readonly string[],
): Promise<PasswordMistake | undefined> {
  const { length } = Array.from(password);
  if (length < MIN_PASSWORD_LENGTH) return 'too-short';
  if (length > MAX_PASSWORD_LENGTH) return 'too-long';
  const words = ['paperround', ...about.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)])];
  const estimated = password.slice(0, MAX_ESTIMATED_LENGTH);
  const { score } = (await loadEstimator()).check(
    estimated,
    words.filter((word) => word.length > 2),
  );
  return score < MIN_SCORE ? 'well-known' : undefined;
}

let estimator: Promise<ZxcvbnFactory> | undefined;

/** Its lists take some megabytes: they are loaded with the first password that is chosen. */
function loadEstimator(): Promise<ZxcvbnFactory> {
  estimator ??= (async () => {
    const { ZxcvbnFactory } = await import('@zxcvbn-ts/core');
    const { dictionary, adjacencyGraphs } = await import('@zxcvbn-ts/language-common');
    return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  })();
  return estimator;
}
