import type { Digest } from './digest.js';

/** For operators: its subject, or its rhythm and period while it has none. */
export function digestName(
  { cadence, period }: Pick<Digest, 'cadence' | 'period'>,
  subject: string | null,
): string {
  if (subject !== null) return subject;
  switch (cadence) {
    case 'operator':
      return 'A digest by hand';
    case 'instant':
      return `Article ${period}, by itself`;
    case 'daily':
      return `Daily, ${period}`;
    case 'weekly':
      return `Weekly, ${period}`;
    case 'monthly':
      return `Monthly, ${period}`;
  }
}
