import type { Context } from '../platform/context.js';
import { findJobOutage, type JobOutage } from '../platform/jobs/job-outage.js';
import type { OperatorWords } from '../platform/text/translations.js';

/** A sentence for operators that says why nothing is sent, and since when; undefined while jobs run. */
export async function describeJobOutage(
  { db, now, templates }: Pick<Context, 'db' | 'now' | 'templates'>,
  formatTime: (moment: Date) => string,
): Promise<string | undefined> {
  const outage = await findJobOutage(db, now());
  return outage && jobOutageSentence(outage, templates.operatorWords, formatTime);
}

export function jobOutageSentence(
  { cause, since }: JobOutage,
  words: OperatorWords,
  formatTime: (moment: Date) => string,
): string {
  if (since === null) return words('worker.never');
  return words(cause === 'queue' ? 'worker.queue' : 'worker.missing', { since: formatTime(since) });
}
