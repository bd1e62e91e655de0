import type { Context } from '../platform/context.js';
import { addCount, recordBatch, type Attempt, type Recorded } from './record-batch.js';
import type { SignUpCount, SignUpOutcome } from './request-writes.js';

export type SignUpDesk = {
  /** Answers when the request is durably recorded. `busy`: too many wait to be written; nothing was recorded. */
  record(attempt: Attempt): Promise<Recorded | { kind: 'busy' }>;
  /** Counts a form that was sent back, under the reason's name. */
  refuse(publicationId: string, reason: SignUpOutcome): void;
};

type DeskContext = Pick<Context, 'db' | 'now' | 'log'>;
type Waiting = {
  attempt: Attempt;
  answer: (recorded: Recorded) => void;
  fail: (error: unknown) => void;
};

const MOST_AT_ONCE = 200;
const MOST_WAITING = 5_000;
/** A count of refusals waits so long for a batch to go with. */
const COUNTS_WAIT_MS = 500;

/**
 * Where forms are recorded: who comes while a batch is being written is in the next one, so that a thousand readers at
 * once wait for a few commits instead of a thousand, and one alone waits for nobody.
 */
export function createSignUpDesk(context: DeskContext): SignUpDesk {
  let waiting: Waiting[] = [];
  let refused = new Map<string, SignUpCount>();
  let busy = false;
  let timer: NodeJS.Timeout | undefined;

  const work = async () => {
    busy = true;
    while (waiting.length > 0 || refused.size > 0) {
      const batch = waiting.slice(0, MOST_AT_ONCE);
      waiting = waiting.slice(MOST_AT_ONCE);
      const counts = [...refused.values()];
      refused = new Map();
      await writeBatch(context, batch, counts);
    }
    busy = false;
  };

  return {
    record(attempt) {
      if (waiting.length >= MOST_WAITING) return Promise.resolve({ kind: 'busy' });
      return new Promise((answer, fail) => {
        waiting.push({ attempt, answer, fail });
        if (!busy) void work();
      });
    },
    refuse(publicationId, outcome) {
      addCount(refused, { publicationId, outcome, count: 1 });
      timer ??= setTimeout(() => {
        timer = undefined;
        if (!busy) void work();
      }, COUNTS_WAIT_MS).unref();
    },
  };
}

/** Never throws: whoever waits is told what became of her request. */
async function writeBatch(
  context: DeskContext,
  batch: readonly Waiting[],
  counts: readonly SignUpCount[],
): Promise<void> {
  try {
    const recorded = await recordBatch(
      context,
      batch.map(({ attempt }) => attempt),
      counts,
    );
    batch.forEach(({ answer }, at) => answer(recorded[at] as Recorded));
  } catch (error) {
    if (batch.length === 0) context.log.warn({ event: 'sign-ups.not-counted', err: error });
    else if (batch.length === 1 || !isAboutContent(error)) batch.forEach(({ fail }) => fail(error));
    // One of them has what the database does not take: the others are not to lose theirs by it.
    else {
      for (const one of batch) await writeBatch(context, [one], []);
      if (counts.length > 0) await writeBatch(context, [], counts);
    }
  }
}

/** Data exceptions and broken constraints (Postgres, appendix A): another try with the same rows ends the same. */
function isAboutContent(error: unknown): boolean {
  return /^2[23]/.test(String((error as { code?: unknown }).code));
}
