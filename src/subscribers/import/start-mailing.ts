import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { DAY_MS, HOUR_MS } from '../../platform/durations.js';
import { readLatestArticleNumber } from '../../publications/article-numbers.js';
import { nextDueAt } from '../due/next-due.js';
import { insertTrustedRequest } from '../sign-up/record-requests.js';
import type { Import } from './import.js';
import { countBounces, lockAsks, lockReadersToStart } from './reader-reads.js';
import { findImport, listImportsToStart, lockImport } from './reads.js';
import { addStarted, setStart, stopStarting } from './writes.js';
import { deleteAsks, markStarted } from './reader-writes.js';

/** By this many a day it begins; each day twice as many, as providers want it of a sender whom they do not know yet. */
export const FIRST_DAY_STARTS = 500;

/** Beyond this share of bounces providers take a list for bought; measured once so many were mailed. */
const MAX_BOUNCE_SHARE = 0.05;
const MIN_MAILED = 100;

const READERS_AT_A_TIME = 1000;

/**
 * Has the readers of an import mailed from some moment on: what is out by then is not sent to them.
 * @param start.startsPerDay null: all at once
 */
export function startMailing(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  id: string,
  start: { startAt: Date; startsPerDay: number | null },
): Promise<{ kind: 'started' | 'not-startable' }> {
  return context.db.transaction(async (tx) => {
    const found = await findImport(tx, id);
    if (found === undefined || !(await setStart(tx, id, start))) return { kind: 'not-startable' };
    const { publicationId, productName: product } = found;
    const after = { product, at: start.startAt.toISOString(), perDay: start.startsPerDay };
    await recordActivity(tx, context, { kind: 'import.started', publicationId, subjectId: id, after });
    return { kind: 'started' };
  });
}

/** No more of its readers are started; who was goes on. */
export function stopMailing(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  id: string,
  reason: 'bounces' | 'operator' = 'operator',
): Promise<{ kind: 'stopped' | 'not-started' }> {
  return context.db.transaction(async (tx) => {
    const found = await findImport(tx, id);
    if (found === undefined || !(await stopStarting(tx, id, reason))) return { kind: 'not-started' };
    const { publicationId, productName: product } = found;
    const after = { product, reason };
    await recordActivity(tx, context, { kind: 'import.stopped', publicationId, subjectId: id, after });
    return { kind: 'stopped' };
  });
}

/** Each minute: starts the readers whose turn it is, asks those who are to be asked, and stops where too much bounces. */
export async function startImported(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'stopping'>,
): Promise<void> {
  const { db, now, stopping } = context;
  for (const found of await listImportsToStart(db, now())) {
    if (stopping.aborted) return;
    if (await bouncesTooMuch(context, found)) await stopMailing(context, found.id, 'bounces');
    else if (found.consent === 'ask') await askSome(context, found);
    else await startSome(context, found);
  }
}

/** How many may have been started by now. */
function startsAllowed(
  { startAt, startsPerDay }: Pick<Import, 'startAt' | 'startsPerDay'>,
  now: Date,
): number {
  if (startAt === null || startAt > now) return 0;
  if (startsPerDay === null) return Infinity;
  const days = Math.floor((now.getTime() - startAt.getTime()) / DAY_MS) + 1;
  return startsPerDay * (2 ** days - 1);
}

async function bouncesTooMuch({ db }: Pick<Context, 'db'>, { id }: Import): Promise<boolean> {
  const { mailed, bounced } = await countBounces(db, id);
  return mailed >= MIN_MAILED && bounced / mailed > MAX_BOUNCE_SHARE;
}

async function startSome({ db, now, stopping }: Pick<Context, 'db' | 'now' | 'stopping'>, { id }: Import) {
  let isLeft = true;
  while (isLeft && !stopping.aborted) isLeft = await db.transaction((tx) => startChunk(tx, id, now()));
}

/** @returns whether there may be more to start now */
async function startChunk(tx: Tx, id: string, now: Date): Promise<boolean> {
  const found = await lockImport(tx, id);
  if (found?.state !== 'added' || found.startStopped !== null) return false;
  const limit = Math.min(READERS_AT_A_TIME, startsAllowed(found, now) - found.started);
  if (limit <= 0) return false;
  const readers = await lockReadersToStart(tx, id, limit);
  if (readers.length === 0) return false;
  const watermark = await readLatestArticleNumber(tx, found.publicationId);
  const due = readers.map((reader) => ({ id: reader.id, nextDueAt: nextDueAt(reader, now) }));
  await markStarted(tx, id, due, watermark, now);
  return readers.length === limit;
}

/** As many as an hour's share of a minute, at least one. */
async function askSome({ db, now }: Pick<Context, 'db' | 'now'>, { id }: Import): Promise<void> {
  await db.transaction(async (tx) => {
    const found = await lockImport(tx, id);
    if (found?.state !== 'added' || found.startStopped !== null || found.startAt === null) return;
    const hours = Math.max(0, now().getTime() - found.startAt.getTime()) / HOUR_MS;
    const allowed = Math.floor(1 + hours * found.asksPerHour) - found.started;
    if (allowed <= 0) return;
    const asks = await lockAsks(tx, id, Math.min(allowed, READERS_AT_A_TIME));
    for (const { email, locale, timezone } of asks) {
      const request = { email, locale, timezone, cadence: null, topics: [], source: found.productName };
      await insertTrustedRequest(tx, { ...request, publicationId: found.publicationId }, null, now());
    }
    await deleteAsks(
      tx,
      id,
      asks.map(({ addressHash }) => addressHash),
    );
    await addStarted(tx, id, asks.length);
  });
}
