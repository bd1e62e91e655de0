import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import { redactAddresses } from '../../platform/text/redact.js';
import { listSuppressionsOfAddress, type SuppressionOfAddress } from './operator-reads.js';
import type { SuppressionReason } from './reads.js';
import { recordSuppressions } from './record-suppressions.js';
import { deleteSoftBouncesOfAddress } from './soft-bounce-writes.js';
import {
  deleteSuppressions,
  insertSuppression,
  insertSuppressionChange,
  type SuppressionChange,
} from './writes.js';

/** How long the reader herself can undo "Never email me", and nobody else. */
export const BLOCK_UNDO_MS = DAY_MS;

/** `publicationId` null: for all publications. `note`: why, in the operator's words. */
type OperatorChange = { emailKey: string; publicationId: string | null; note: string };

type ChangeContext = Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>;

/** Suppresses an address for one publication or all, and records why. Addresses in the note are not stored. */
export function suppressAddress(
  context: ChangeContext,
  { emailKey, publicationId, note }: OperatorChange,
): Promise<{ kind: 'suppressed' | 'already-suppressed' }> {
  const { db, now, hashAddress } = context;
  const addressHash = hashAddress(emailKey);
  return db.transaction(async (tx) => {
    const suppression = await insertSuppression(tx, addressHash, publicationId, 'operator', now());
    if (suppression === undefined) return { kind: 'already-suppressed' };
    await recordSuppressions(tx, context, 'added', [suppression]);
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
  context: ChangeContext,
  { emailKey, publicationId, note }: OperatorChange,
): Promise<OperatorLift> {
  const { db, now, hashAddress } = context;
  const addressHash = hashAddress(emailKey);
  return db.transaction(async (tx) => {
    const all = (await listSuppressionsOfAddress(tx, addressHash)).filter(
      (one) => one.reason !== 'erased' && holdsFor(one, publicationId),
    );
    const named = all.filter((one) => isNamed(one, publicationId));
    const block = named.find((one) => mayReaderUndo(one, now()));
    const lifted = named.filter((one) => !mayReaderUndo(one, now()));
    await deleteSuppressions(
      tx,
      lifted.map(({ id }) => id),
    );
    await recordSuppressions(tx, context, 'lifted', lifted);
    if (lifted.some(({ reason }) => reason === 'bounced')) await deleteSoftBouncesOfAddress(tx, emailKey);
    for (const one of lifted) {
      const change = { addressHash, publicationId: one.publicationId, reason: one.reason };
      await insertSuppressionChange(tx, byOperator({ ...change, change: 'lifted' }, note), now());
    }
    return {
      lifted: lifted.map(suppressedFor),
      remaining: all.filter((one) => !lifted.includes(one)).map(suppressedFor),
      readerMayUndoUntil: block === undefined ? null : undoEnd(block),
    };
  });
}

function holdsFor(one: SuppressionOfAddress, publicationId: string | null): boolean {
  return publicationId === null || one.publicationId === publicationId || one.publicationId === null;
}

function isNamed({ reason, ...one }: SuppressionOfAddress, publicationId: string | null): boolean {
  return publicationId === null || one.publicationId === publicationId || reason === 'bounced';
}

function mayReaderUndo(one: SuppressionOfAddress, now: Date): boolean {
  return one.reason === 'never' && undoEnd(one) > now;
}

function undoEnd({ createdAt }: SuppressionOfAddress): Date {
  return new Date(createdAt.getTime() + BLOCK_UNDO_MS);
}

function suppressedFor(one: SuppressionOfAddress): SuppressedFor {
  return { reason: one.reason, everywhere: one.publicationId === null };
}

function byOperator(change: Omit<SuppressionChange, 'changedBy' | 'note'>, note: string): SuppressionChange {
  return { ...change, changedBy: 'operator', note: redactAddresses(note) };
}
