import type { OperatorWords } from '../platform/text/translations.js';
import type { Digest } from './digest.js';

/** For operators: its subject, or its rhythm and period while it has none. */
export function digestName(
  { cadence, period }: Pick<Digest, 'cadence' | 'period'>,
  subject: string | null,
  words: OperatorWords,
): string {
  return subject ?? words(`digest.name.${cadence}`, { period });
}
