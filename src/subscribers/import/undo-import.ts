import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { Tx } from '../../platform/db/database.js';
import { findSubscription } from '../reads.js';
import { anonymiseSubscription, deleteSubscribersWithoutSubscription, markUnsubscribed } from '../writes.js';
import type { Import } from './import.js';
import { findImport, isAnotherAtWork } from './reads.js';
import { lockBrought, type BroughtReader } from './reader-reads.js';
import type { ChunkResult, LockedImport, WorkContext } from './import-step.js';
import {
  deleteBrought,
  deleteImportedConsents,
  deleteImportedReaders,
  deleteImportAsks,
  markPendingAgain,
} from './reader-writes.js';
import { moveImport } from './writes.js';

/** For so long an import can be taken back. */
export const UNDO_WINDOW_MS = 30 * DAY_MS;

/** Takes back what an import added, but for who changed something since: see `undoChunk`. */
export async function undoImport(
  { db, now, actor }: Pick<Context, 'db' | 'now' | 'actor'>,
  id: string,
): Promise<{ kind: 'undoing' | 'not-undoable' | 'too-late' | 'busy' }> {
  const found = await findImport(db, id);
  if (found?.state !== 'added') return { kind: 'not-undoable' };
  if (isOver(found, now())) return { kind: 'too-late' };
  return db.transaction(async (tx) => {
    if (await isAnotherAtWork(tx, found)) return { kind: 'busy' };
    if ((await moveImport(tx, id, { by: 'undo', to: 'undoing' }, actor)) === undefined)
      return { kind: 'not-undoable' };
    await deleteImportAsks(tx, id);
    await enqueue(tx, 'import-readers', { importId: id }, now());
    return { kind: 'undoing' };
  });
}

export function isOver({ addedAt }: Pick<Import, 'addedAt'>, now: Date): boolean {
  return addedAt === null || now.getTime() - addedAt.getTime() > UNDO_WINDOW_MS;
}

const READERS_AT_A_TIME = 500;

/**
 * Takes some readers back: who was not mailed is gone as if she had never been brought; of who was mailed a tombstone is left, so that
 * the links in her mails lead somewhere; who was asked before waits again. Who changed something since, or left, stays as she is, and
 * so do the opt-outs that came with the file.
 */
export async function undoChunk(
  tx: Tx,
  context: WorkContext,
  { id, position }: LockedImport,
): Promise<ChunkResult> {
  const after = position === null ? null : toId(position);
  const readers = await lockBrought(tx, id, { after, limit: READERS_AT_A_TIME });
  const kept = readers.filter(({ wasTouched }) => wasTouched);
  const untouched = readers.filter(({ wasTouched }) => !wasTouched);
  const mailed = untouched.filter(({ wasMailed }) => wasMailed);
  const waiting = untouched.filter(({ wasMailed, wasPending }) => !wasMailed && wasPending);
  const gone = untouched.filter(({ wasMailed, wasPending }) => !wasMailed && !wasPending);
  for (const { subscriptionId } of mailed) await leaveTombstone(tx, context, subscriptionId);
  await markPendingAgain(tx, idsOf(waiting));
  await deleteImportedConsents(tx, idsOf(waiting));
  await deleteImportedReaders(tx, idsOf([...waiting, ...mailed, ...kept]));
  const people = await deleteBrought(tx, idsOf(gone));
  await deleteSubscribersWithoutSubscription(
    tx,
    people.map(({ subscriberId }) => subscriberId),
  );
  const last = readers.at(-1);
  return {
    position: last === undefined ? position : fromId(last.subscriptionId),
    counts: { 'taken-back': waiting.length + gone.length, tombstones: mailed.length, kept: kept.length },
    isLeft: readers.length === READERS_AT_A_TIME,
  };
}

/** Unlike an erasure it keeps nobody from being brought again. */
async function leaveTombstone(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  subscriptionId: string,
): Promise<void> {
  const now = context.now();
  const subscription = await findSubscription(tx, subscriptionId);
  if (subscription === undefined) return;
  await markUnsubscribed(tx, subscriptionId, now);
  await anonymiseSubscription(tx, subscriptionId, now);
  await deleteSubscribersWithoutSubscription(tx, [subscription.subscriberId]);
  await enqueue(tx, 'erase-events', { subscriptionId }, now);
  const { publicationId, status } = subscription;
  const change = { kind: 'subscription.erased', publicationId, subjectId: subscriptionId } as const;
  await recordActivity(tx, context, { ...change, before: { status } });
}

function idsOf(readers: readonly BroughtReader[]): string[] {
  return readers.map(({ subscriptionId }) => subscriptionId);
}

function fromId(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function toId(position: Buffer): string {
  return position.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
