import { describeProblem, outcomeWords, stateWords } from '../../../http/dashboard/import/words.js';
import type { Context } from '../../../platform/context.js';
import type { Import } from '../../../subscribers/import/import.js';
import { listFiles } from '../../../subscribers/import/file-reads.js';

/** An import in lines for the terminal: what it is, and what becomes of how many. */
export async function describeImport({ db }: Pick<Context, 'db'>, found: Import): Promise<string[]> {
  const files = await listFiles(db, found.id);
  const isOnlyChecked = found.state === 'checked';
  const counts = isOnlyChecked ? (found.found ?? {}) : found.done;
  const rows = outcomeWords.flatMap(({ outcome, checked, added }) => {
    const count = counts[outcome] ?? 0;
    return count === 0 ? [] : [`${String(count).padStart(9)}  ${isOnlyChecked ? checked : added}`];
  });
  const { mistakes = 0, duplicates = 0 } = found.found ?? {};
  return [
    `Import ${found.id} from ${found.productName}: ${stateWords[found.state]}`,
    ...files.map(({ name, columns }) => `  ${name}: ${(columns ?? []).join(', ')}`),
    ...(found.problem === null ? [] : [describeProblem(found.problem)]),
    ...rows,
    ...(duplicates === 0 ? [] : [`${String(duplicates).padStart(9)}  Addresses that stood there twice`]),
    ...(mistakes === 0
      ? []
      : [`${String(mistakes).padStart(9)}  Could not be read (import mistakes ${found.id})`]),
    ...describeUndo(found),
    ...describeStart(found),
  ];
}

function describeUndo({ state, done }: Import): string[] {
  if (state !== 'undone') return [];
  const { 'taken-back': gone = 0, tombstones = 0, kept = 0 } = done;
  return [
    `${gone} taken back, ${tombstones} more of whom only their links are left, ${kept} kept as they are.`,
  ];
}

function describeStart({ state, startAt, startsPerDay, started, startStopped }: Import): string[] {
  if (state !== 'added') return [];
  if (startStopped === 'bounces') return [`Stopped: too many mails bounced. ${started} had been started.`];
  if (startStopped === 'operator') return [`Stopped by an operator. ${started} had been started.`];
  if (startAt === null) return ['Nobody is mailed before import start.'];
  const pace =
    startsPerDay === null ? 'all at once' : `${startsPerDay} on the first day, each day twice as many`;
  return [`Mailing starts ${startAt.toISOString()}, ${pace}; ${started} so far.`];
}
