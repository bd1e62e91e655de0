import type { RiskReason } from './risk.js';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import { enqueueDecisions } from './record-requests.js';
import type { HeldSelection } from './request.js';
import { releaseHeldRequests, deleteHeldRequests } from './writes.js';

const heldReasons: readonly string[] = [
  'unproved',
  'flood',
  'disposable',
  'too-fast',
  'busy-network',
  'machine-made',
] satisfies (RiskReason | 'flood')[];

/** Why a sign-up is held, in words for operators; a code without words stands for itself. */
export function describeHeldReason(code: string, words: OperatorWords): string {
  return heldReasons.includes(code) ? words(`heldSignUp.${code}`) : code;
}

type DecisionContext = Pick<Context, 'db' | 'now' | 'actor'>;

/**
 * Releases held sign-ups: each leads to a mail as if it had never been held.
 * @returns how many were held
 */
export async function releaseHeldSignUps(context: DecisionContext, which: HeldSelection): Promise<number> {
  return context.db.transaction(async (tx) => {
    const released = await releaseHeldRequests(tx, which);
    const ids = released.map(({ id }) => id);
    await enqueueDecisions(tx, ids, context.now());
    const [first] = released;
    if (first === undefined) return 0;
    const decided = { publicationId: first.publicationId, count: ids.length };
    await recordDecision(tx, context, 'sign-up-hold.released', which, decided);
    return ids.length;
  });
}

/**
 * Deletes held sign-ups, and mails nobody.
 * @returns how many were held
 */
export function deleteHeldSignUps(context: DecisionContext, which: HeldSelection): Promise<number> {
  return context.db.transaction(async (tx) => {
    const deleted = await deleteHeldRequests(tx, which);
    if (deleted === undefined) return 0;
    await recordDecision(tx, context, 'sign-up-hold.deleted', which, deleted);
    return deleted.count;
  });
}

/** One decision is one row, whether about one sign-up or about the thousands of an attack. */
async function recordDecision(
  tx: Tx,
  context: DecisionContext,
  kind: 'sign-up-hold.released' | 'sign-up-hold.deleted',
  which: HeldSelection,
  { publicationId, count }: { publicationId: string; count: number },
): Promise<void> {
  const subjectId = 'id' in which ? which.id : null;
  const after = { count, reason: 'reason' in which ? which.reason : undefined };
  await recordActivity(tx, context, { kind, publicationId, subjectId, after });
}
