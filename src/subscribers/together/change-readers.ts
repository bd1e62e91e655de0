import { actingAs, actorOf } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import { LONG_STATEMENT_LIMIT_MS, type Db, type Tx } from '../../platform/db/database.js';
import { joinTransaction } from '../../platform/db/join-transaction.js';
import { DAY_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { faultCode, isRowFault } from '../../platform/process/row-fault.js';
import { eraseSubscription } from '../erase/erase.js';
import { restoreAsOperator } from '../leave/operator-unsubscribe.js';
import { unsubscribe } from '../leave/unsubscribe.js';
import type { ReaderSelection } from '../list/reads.js';
import { pauseAsOperator, resumeAsOperator } from '../preferences/operator-pause.js';
import { UNDOES, type ReaderChange, type ReaderChangeAction, type TogetherAction } from './reader-change.js';
import { findReaderChange, lockNextItems, lockRunning } from './reads.js';
import {
  deleteReaderChangesBefore,
  gatherReaders,
  insertReaderChange,
  insertUndo,
  markDone,
  markRunning,
  markStopped,
  recordOutcomes,
} from './writes.js';

type AskContext = Pick<Context, 'db' | 'now' | 'actor'>;
type WorkContext = AskContext & Pick<Context, 'hashAddress' | 'stopping' | 'log'>;

/** Has readers found and counted. Nothing is done with them before `startReaderChange`. */
export function prepareReaderChange(
  { db, now, actor }: AskContext,
  { publicationId, filter }: ReaderSelection,
  action: TogetherAction,
): Promise<{ id: string }> {
  return db.transaction(async (tx) => {
    const change = await insertReaderChange(tx, { publicationId, action, filter, actor }, now());
    await enqueue(tx, 'change-readers', { changeId: change.id }, now());
    return change;
  });
}

/** Begins, or goes on after a stop. */
export function startReaderChange(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<{ kind: 'started' | 'not-ready' }> {
  return db.transaction(async (tx) => {
    if (!(await markRunning(tx, id))) return { kind: 'not-ready' };
    await enqueue(tx, 'change-readers', { changeId: id }, now());
    return { kind: 'started' };
  });
}

/** Stops after the readers whose turn it is. */
export async function stopReaderChange(
  { db }: Pick<Context, 'db'>,
  id: string,
): Promise<{ kind: 'stopped' | 'not-running' }> {
  const isStopped = await db.transaction((tx) => markStopped(tx, id));
  return { kind: isStopped ? 'stopped' : 'not-running' };
}

/** Takes back what was done, for those with whom it was done and nothing has been done since. */
export function undoReaderChange(
  { db, now, actor }: AskContext,
  change: Pick<ReaderChange, 'id' | 'action'>,
): Promise<{ kind: 'undoing'; id: string } | { kind: 'not-undoable' }> {
  const action = UNDOES[change.action];
  if (action === undefined) return Promise.resolve({ kind: 'not-undoable' });
  return db.transaction(async (tx) => {
    const undo = await insertUndo(tx, { undoes: change.id, action, actor }, now());
    if (undo === undefined) return { kind: 'not-undoable' };
    await enqueue(tx, 'change-readers', { changeId: undo.id }, now());
    return { kind: 'undoing', id: undo.id };
  });
}

/** For so long an operator can look at what was done, and begin what was counted. */
const KEPT_MS = 7 * DAY_MS;

export async function deleteOldReaderChanges({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - KEPT_MS);
  await db.transaction((tx) => deleteReaderChangesBefore(tx, before), {
    statementLimitMs: LONG_STATEMENT_LIMIT_MS,
  });
}

/** How many are changed in one transaction. */
const CHUNK_SIZE = 50;

/**
 * Finds the readers, or does it with each of them who is left. Several workers share them; one that is stopped leaves the rest to
 * the next. What history has of each reader names the operator.
 */
export async function workOnReaderChange(context: WorkContext, id: string): Promise<void> {
  const { db, now, stopping } = context;
  await db.transaction((tx) => gatherReaders(tx, id), { statementLimitMs: LONG_STATEMENT_LIMIT_MS });
  const change = await findReaderChange(db, id);
  if (change?.state !== 'running') return;
  const acting = actingAs(context, actorOf(change));
  let isLeft = true;
  while (isLeft && !stopping.aborted) isLeft = await db.transaction((tx) => workOnChunk(tx, acting, change));
  await db.transaction(async (tx) => {
    if (isLeft) await enqueue(tx, 'change-readers', { changeId: id }, now());
    else await markDone(tx, id, now());
  });
}

/** @returns whether there may be more to do */
async function workOnChunk(tx: Tx, context: WorkContext, { id, action }: ReaderChange): Promise<boolean> {
  if ((await lockRunning(tx, id)) === undefined) return false;
  const items = await lockNextItems(tx, id, CHUNK_SIZE);
  if (items.length === 0) return false;
  const own = { ...context, db: joinTransaction(context.db, tx) };
  const outcomes = { changed: [] as string[], unchanged: [] as string[] };
  for (const { subscriptionId } of items) {
    const isChanged = await actOn(own, action, subscriptionId);
    outcomes[isChanged ? 'changed' : 'unchanged'].push(subscriptionId);
  }
  await recordOutcomes(tx, id, outcomes);
  return true;
}

/** Who cannot be changed does not keep the others waiting: she stays as she is, and the log has her id. */
async function actOn(context: OwnContext, action: ReaderChangeAction, id: string): Promise<boolean> {
  try {
    return await ACTS[action](context, id);
  } catch (error) {
    if (!isRowFault(error)) throw error;
    context.log.error({ event: 'readers.unchangeable', subscription: id, code: faultCode(error) });
    return false;
  }
}

type OwnContext = Omit<WorkContext, 'stopping'> & { db: Db };

/** Each says whether it changed something: who left meanwhile stays as she is. */
const ACTS: Readonly<Record<ReaderChangeAction, (context: OwnContext, id: string) => Promise<boolean>>> = {
  pause: async (context, id) => (await pauseAsOperator(context, id)).kind === 'paused',
  resume: async (context, id) => (await resumeAsOperator(context, id)).kind === 'resumed',
  unsubscribe: async (context, id) => (await unsubscribe(context, id)).kind === 'unsubscribed',
  restore: async (context, id) => (await restoreAsOperator(context, id)).kind === 'resumed',
  erase: async (context, id) => (await eraseSubscription(context, id)) === 'erased',
};
