import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import { redactAddresses } from '../../platform/text/redact.js';
import { listSuppressionsOfAddress, type SuppressionReason } from './reads.js';
import {
  deleteSoftBouncesOfAddress,
  deleteSuppressions,
  insertSuppression,
  insertSuppressionChange,
  type SuppressionChange,
} from './writes.js';

/** How long the reader herself can undo "Never email me", and nobody else. */
export const BLOCK_UNDO_MS = DAY_MS;

/** `publicationId` null: for all publications. `note`: why, in the operator's words. */
type OperatorChange = { emailKey: string; publicationId: string | null; note: string };

type ChangeContext = Pick<Context, 'db' | 'now' | 'hashAddress'>;

/** Suppresses an address for one publication or all, and records why. Addresses in the note are not stored. */
export function suppressAddress(
  { db, now, hashAddress }: ChangeContext,
  { emailKey, publicationId, note }: OperatorChange,
): Promise<{ kind: 'suppressed' | 'already-suppressed' }> {
  const addressHash = hashAddress(emailKey);
  return db.transaction(async (tx) => {
    if ((await insertSuppression(tx, addressHash, publicationId, 'operator', now())) === 0)
      return { kind: 'already-suppressed' };
    const added = { addressHash, publicationId, reason: 'operator' as const, change: 'added' as const };
    await insertSuppressionChange(tx, byOperator(added, note), now());
    return { kind: 'suppressed' };
  });
}

/** Why mail to an address was stopped, or still is. `everywhere`: for all publications. */
type SuppressedFor = { reason: SuppressionReason; everywhere: boolean };

export type OperatorLift = {
  lifted: SuppressedFor[];
  /** What still keeps mail from the address, in the publication or anywhere. */
  remaining: SuppressedFor[];
  /** Until when a block is the reader's own to undo; null: none was kept for that. */
  readerMayUndoUntil: Date | null;
};

/**
 * Lifts what keeps mail from an address, and records why: of one publication, with bounces, which hold for all; or, with
 * `publicationId` null, everything. An erasure stays, since only a new double opt-in ends it.
 */
export function liftAsOperator(
  { db, now, hashAddress }: ChangeContext,
  { emailKey, publicationId, note }: OperatorChange,
): Promise<OperatorLift> {
  const addressHash = hashAddress(emailKey);
  return db.transaction(async (tx) => {
    const all = (await listSuppressionsOfAddress(tx, addressHash)).filter(
      (one) =>
        one.reason !== 'erased' &&
        (publicationId === null || one.publicationId === publicationId || one.publicationId === null),
    );
    const isNamed = (one: (typeof all)[number]) =>
      publicationId === null || one.publicationId === publicationId || one.reason === 'bounced';
    const undoEnd = ({ createdAt }: { createdAt: Date }) => new Date(createdAt.getTime() + BLOCK_UNDO_MS);
    const isReaders = (one: (typeof all)[number]) => one.reason === 'never' && undoEnd(one) > now();
    const lifted = all.filter((one) => isNamed(one) && !isReaders(one));
    await deleteSuppressions(
      tx,
      lifted.map(({ id }) => id),
    );
    if (lifted.some(({ reason }) => reason === 'bounced')) await deleteSoftBouncesOfAddress(tx, emailKey);
    for (const one of lifted) {
      const change = { addressHash, publicationId: one.publicationId, reason: one.reason };
      await insertSuppressionChange(tx, byOperator({ ...change, change: 'lifted' }, note), now());
    }
    const block = all.find((one) => isNamed(one) && isReaders(one));
    return {
      lifted: lifted.map(suppressedFor),
      remaining: all.filter((one) => !lifted.includes(one)).map(suppressedFor),
      readerMayUndoUntil: block === undefined ? null : undoEnd(block),
    };
  });
}

function suppressedFor(one: { reason: SuppressionReason; publicationId: string | null }): SuppressedFor {
  return { reason: one.reason, everywhere: one.publicationId === null };
}

function byOperator(change: Omit<SuppressionChange, 'changedBy' | 'note'>, note: string): SuppressionChange {
  return { ...change, changedBy: 'operator', note: redactAddresses(note) };
}
