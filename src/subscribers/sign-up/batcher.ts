import type { Context } from '../../platform/context.js';
import { addCount, recordBatch, type SubmittedForm, type RecordResult } from './record-batch.js';
import type { FormCount, FormOutcome } from '../request-writes.js';

export type SignUpBatcher = {
  /** Answers when the request is durably recorded. `busy`: too many wait to be written; nothing was recorded. */
  record(attempt: SubmittedForm): Promise<RecordResult | { kind: 'busy' }>;
  /** Counts a form that was sent back, under the reason's name. */
  countRefusal(publicationId: string, reason: FormOutcome): void;
};

type BatcherContext = Pick<Context, 'db' | 'now' | 'log'>;
type QueuedForm = {
  form: SubmittedForm;
  resolve: (recorded: RecordResult) => void;
  reject: (error: unknown) => void;
};

const MAX_BATCH_SIZE = 200;
const MAX_QUEUED = 5_000;
/** A count of refusals waits so long for a batch to go with. */
const COUNTS_FLUSH_MS = 500;

/**
 * Where forms are recorded: who comes while a batch is being written is in the next one, so that a thousand readers at
 * once wait for a few commits instead of a thousand, and one alone waits for nobody.
 */
export function createSignUpBatcher(context: BatcherContext): SignUpBatcher {
  let waiting: QueuedForm[] = [];
  let refused = new Map<string, FormCount>();
  let busy = false;
  let timer: NodeJS.Timeout | undefined;

  const work = async () => {
    busy = true;
    while (waiting.length > 0 || refused.size > 0) {
      const batch = waiting.slice(0, MAX_BATCH_SIZE);
      waiting = waiting.slice(MAX_BATCH_SIZE);
      const counts = [...refused.values()];
      refused = new Map();
      await writeBatch(context, batch, counts);
    }
    busy = false;
  };

  return {
    record(attempt) {
      if (waiting.length >= MAX_QUEUED) return Promise.resolve({ kind: 'busy' });
      return new Promise((answer, fail) => {
        waiting.push({ form: attempt, resolve: answer, reject: fail });
        if (!busy) void work();
      });
    },
    countRefusal(publicationId, outcome) {
      addCount(refused, { publicationId, outcome, count: 1 });
      timer ??= setTimeout(() => {
        timer = undefined;
        if (!busy) void work();
      }, COUNTS_FLUSH_MS).unref();
    },
  };
}

/** Never throws: whoever waits is told what became of her request. */
async function writeBatch(
  context: BatcherContext,
  batch: readonly QueuedForm[],
  counts: readonly FormCount[],
): Promise<void> {
  try {
    const recorded = await recordBatch(
      context,
      batch.map(({ form }) => form),
      counts,
    );
    batch.forEach(({ resolve }, at) => resolve(recorded[at] as RecordResult));
  } catch (error) {
    if (batch.length === 0) context.log.warn({ event: 'sign-ups.not-counted', err: error });
    else if (batch.length === 1 || !isDataError(error)) batch.forEach(({ reject }) => reject(error));
    // One of them has what the database does not take: the others are not to lose theirs by it.
    else {
      for (const one of batch) await writeBatch(context, [one], []);
      if (counts.length > 0) await writeBatch(context, [], counts);
    }
  }
}

/** Data exceptions and broken constraints (Postgres, appendix A): another try with the same rows ends the same. */
function isDataError(error: unknown): boolean {
  return /^2[23]/.test(String((error as { code?: unknown }).code));
}
