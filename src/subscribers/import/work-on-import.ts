import { recordActivity } from '../../operators/activity/record-activity.js';
import { actingAs, actorOf } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import { LONG_STATEMENT_LIMIT_MS, type Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { findPublication } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { recordWording } from '../consent/record-consent.js';
import { endSubscription } from '../leave/unsubscribe.js';
import { checkImport } from './check-import.js';
import type { Import } from './import.js';
import type { Chunk, WorkContext } from './import-step.js';
import type { Outcome } from './judge-row.js';
import { addUp, countOutcomes, groupByOutcome, sumOf } from './outcomes.js';
import type { OldLink, OldProduct } from '../old-links/old-link.js';
import { recordOldLinks } from '../old-links/record-old-links.js';
import { findImport, listImportsAtWork, lockImport } from './reads.js';
import { listNextRows, listOldNames } from './file-reads.js';
import { undoChunk } from './undo-import.js';
import { deleteContents } from './file-writes.js';
import {
  insertAsks,
  insertBrought,
  insertLeft,
  insertPeople,
  insertSuppressions,
  markBrought,
} from './reader-writes.js';
import { markFinished, recordProgress } from './writes.js';

/** So many rows are worked on in one transaction. */
const ROWS_AT_A_TIME = 2000;

/**
 * Checks, adds or undoes what is left of an import. Each transaction works on some rows and notes how far it is: whoever takes over
 * goes on there, and nothing is done twice. One that is stopped leaves the rest to the next.
 */
export async function workOnImport(context: WorkContext, id: string): Promise<void> {
  const { db, now, stopping } = context;
  const found = await findImport(db, id);
  if (found === undefined) return;
  const acting = actingAs(context, actorOf(found));
  if (found.state === 'checking') return checkImport(acting, found);
  if (found.state !== 'adding' && found.state !== 'undoing') return;
  const publication = await findPublication(db, found.publicationId);
  if (publication === undefined) return;
  const work = found.state === 'adding' ? addChunk : undoChunk;
  let isLeft = true;
  while (isLeft && !stopping.aborted)
    isLeft = await db.transaction(
      (tx) => workOnChunk(tx, acting, { id, publication, state: found.state }, work),
      {
        statementLimitMs: LONG_STATEMENT_LIMIT_MS,
      },
    );
  if (isLeft) await db.transaction((tx) => enqueue(tx, 'import-readers', { importId: id }, now()));
}

/** Each minute: what nobody is at work on. A worker that still is keeps the row locked, and both find what is left. */
export async function resumeImports({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  for (const { id } of await listImportsAtWork(db))
    await db.transaction((tx) => enqueue(tx, 'import-readers', { importId: id }, now()));
}

/** @returns whether there may be more to do */
async function workOnChunk(
  tx: Tx,
  context: WorkContext,
  { id, publication, state }: { id: string; publication: Publication; state: Import['state'] },
  work: Chunk,
): Promise<boolean> {
  const found = await lockImport(tx, id);
  if (found?.state !== state) return false;
  const { position, counts, isLeft } = await work(tx, context, found, publication);
  const done = addUp(found.done, counts);
  await recordProgress(tx, id, { position, done });
  if (!isLeft) await finish(tx, context, { ...found, done });
  return isLeft;
}

async function finish(
  tx: Tx,
  context: WorkContext,
  { id, publicationId, state, productName: product, done }: Import,
): Promise<void> {
  await deleteContents(tx, id);
  await markFinished(tx, id, context.now());
  const of = (...keys: (keyof Import['done'])[]) => sumOf(done, ...keys);
  const subject = { publicationId, subjectId: id };
  if (state === 'adding') {
    const brought = { added: of('new', 'was-pending'), asked: of('asks'), optedOut: of('opted-out') };
    const after = { product, ...brought, left: of('leaves'), doNotMail: of('do-not-mail') };
    return recordActivity(tx, context, { kind: 'import.added', ...subject, after });
  }
  const after = { product, takenBack: of('taken-back'), tombstones: of('tombstones'), kept: of('kept') };
  return recordActivity(tx, context, { kind: 'import.undone', ...subject, after });
}

const addChunk: Chunk = async (tx, context, found, publication) => {
  const { id, position, consent } = found;
  const now = context.now();
  const rows = await listNextRows(tx, found, { after: position, limit: ROWS_AT_A_TIME });
  const by = groupByOutcome(rows, consent);
  const hashesOf = (...outcomes: Outcome[]) =>
    outcomes.flatMap((outcome) => (by.get(outcome) ?? []).map(({ addressHash }) => addressHash));
  const [fresh, waiting, left] = [hashesOf('new'), hashesOf('was-pending'), hashesOf('opted-out')];
  if (fresh.length + left.length > 0) await insertPeople(tx, id, [...fresh, ...left], now);
  if (fresh.length + waiting.length > 0) {
    const wordingVersion = await recordWording(tx, found.statement ?? '', now);
    if (fresh.length > 0) await insertBrought(tx, { id, wordingVersion, hashes: fresh }, publication, now);
    if (waiting.length > 0)
      await markBrought(tx, { id, wordingVersion, hashes: waiting }, publication.id, now);
  }
  if (left.length > 0) await insertLeft(tx, { id, hashes: left }, publication, now);
  const barred = hashesOf('do-not-mail');
  if (barred.length > 0) await insertSuppressions(tx, id, barred, publication.id, now);
  const asked = hashesOf('asks');
  if (asked.length > 0) await insertAsks(tx, id, asked);
  await recordNames(
    tx,
    found,
    rows.map(({ addressHash }) => addressHash),
  );
  for (const { subscriptionId } of by.get('leaves') ?? [])
    if (subscriptionId !== null) await endSubscription(tx, context, subscriptionId);
  return {
    position: rows.at(-1)?.addressHash ?? position,
    counts: countOutcomes(by),
    isLeft: rows.length === ROWS_AT_A_TIME,
  };
};

/** So that links in mails that the old product sent go on working, where they lead here. */
async function recordNames(
  tx: Tx,
  found: Pick<Import, 'id' | 'publicationId' | 'product'>,
  hashes: readonly Buffer[],
): Promise<void> {
  if (!Object.hasOwn(LINKS, found.product)) return;
  const names = await listOldNames(tx, found, hashes);
  await recordOldLinks(tx, names.flatMap(LINKS[found.product as OldProduct]));
}

type OldNames = { subscriptionId: string; email: string; oldId: string | null; oldKey: string | null };

/** Of rows that say enough. */
const LINKS: Readonly<Record<OldProduct, (names: OldNames) => OldLink[]>> = {
  listmonk: ({ subscriptionId, oldId }) =>
    oldId === null ? [] : [{ product: 'listmonk', subscriptionId, uuid: oldId }],
  ghost: ({ subscriptionId, oldId, oldKey: key }) =>
    oldId === null ? [] : [{ product: 'ghost', subscriptionId, uuid: oldId, key, newsletter: null }],
  mailpoet: ({ subscriptionId, email, oldId: id, oldKey: token }) =>
    token === null ? [] : [{ product: 'mailpoet', subscriptionId, email, token, id }],
};
