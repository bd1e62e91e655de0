import type { Context } from '../platform/context.js';
import { findMissingWorker, type MissingWorker } from '../platform/jobs/worker-sign.js';
import type { OperatorWords } from '../platform/text/translations.js';

/** A sentence for operators that says since when no worker has been seen; undefined while one runs. */
export async function describeMissingWorker(
  { db, now, templates }: Pick<Context, 'db' | 'now' | 'templates'>,
  formatTime: (moment: Date) => string,
): Promise<string | undefined> {
  const missing = await findMissingWorker(db, now());
  return missing && missingWorkerSentence(missing, templates.operatorWords, formatTime);
}

export function missingWorkerSentence(
  { since }: MissingWorker,
  words: OperatorWords,
  formatTime: (moment: Date) => string,
): string {
  return since === null ? words('worker.never') : words('worker.missing', { since: formatTime(since) });
}
