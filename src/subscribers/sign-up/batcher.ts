import type { Context } from '../../platform/context.js';
import { isRowFault } from '../../platform/process/row-fault.js';
import { addCount, recordBatch, type AssessedForm, type RecordResult } from './record-batch.js';
import type { FormCount, FormOutcome } from './request.js';

export type SignUpBatcher = {
  /** Resolves once the request is committed. `busy`: too many wait to be written, and nothing was recorded. */
  record(form: AssessedForm): Promise<RecordResult | { kind: 'busy' }>;
  /** Counts a form that was sent back, under the reason's name. */
  countRefusal(publicationId: string, reason: FormOutcome): void;
};

type BatcherContext = Pick<Context, 'db' | 'now' | 'log'>;

type QueuedForm = {
  form: AssessedForm;
  resolve: (result: RecordResult) => void;
  reject: (error: unknown) => void;
};

const MAX_BATCH_SIZE = 200;
const MAX_QUEUED = 5_000;
/** Counts of refusals are written with the next batch, or by themselves after this long. */
const COUNTS_FLUSH_MS = 500;

/**
 * Records forms in batches: those that arrive while a batch is being written form the next one, so that a thousand readers at
 * once wait for a few commits instead of a thousand, and a single one is written at once.
 */
export function createSignUpBatcher(context: BatcherContext): SignUpBatcher {
  let queue: QueuedForm[] = [];
  let refusals = new Map<string, FormCount>();
  let isWriting = false;
  let timer: NodeJS.Timeout | undefined;

  const writeQueue = async () => {
    isWriting = true;
    while (queue.length > 0 || refusals.size > 0) {
      const batch = queue.slice(0, MAX_BATCH_SIZE);
      queue = queue.slice(MAX_BATCH_SIZE);
      const counts = [...refusals.values()];
      refusals = new Map();
      await writeBatch(context, batch, counts);
    }
    isWriting = false;
  };

  return {
    record(form) {
      if (queue.length >= MAX_QUEUED) return Promise.resolve({ kind: 'busy' });
      return new Promise((resolve, reject) => {
        queue.push({ form, resolve, reject });
        if (!isWriting) void writeQueue();
      });
    },
    countRefusal(publicationId, outcome) {
      addCount(refusals, { publicationId, outcome, count: 1 });
      timer ??= setTimeout(() => {
        timer = undefined;
        if (!isWriting) void writeQueue();
      }, COUNTS_FLUSH_MS).unref();
    },
  };
}

/** Never throws: every form of the batch is resolved or rejected. */
async function writeBatch(
  context: BatcherContext,
  batch: readonly QueuedForm[],
  counts: readonly FormCount[],
): Promise<void> {
  try {
    const results = await recordBatch(
      context,
      batch.map(({ form }) => form),
      counts,
    );
    batch.forEach(({ resolve }, at) => resolve(results[at] as RecordResult));
  } catch (error) {
    if (batch.length === 0) context.log.warn({ event: 'sign-ups.not-counted', err: error });
    else if (batch.length === 1 || !isRowFault(error)) batch.forEach(({ reject }) => reject(error));
    // One form holds what the database refuses: each is written by itself, so that only that one is lost.
    else {
      for (const one of batch) await writeBatch(context, [one], []);
      if (counts.length > 0) await writeBatch(context, [], counts);
    }
  }
}
