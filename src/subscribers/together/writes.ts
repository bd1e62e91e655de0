import type { Actor } from '../../platform/actor.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql, type Sql } from '../../platform/db/sql.js';
import type { ReaderFilter } from '../list/reader-filter.js';
import { selectedReaders } from '../list/reads.js';
import type { ReaderChangeAction } from './reader-change.js';

export function insertReaderChange(
  tx: Tx,
  change: { publicationId: string; action: ReaderChangeAction; filter: ReaderFilter; actor: Actor },
  now: Date,
): Promise<{ id: string }> {
  const { publicationId, action, filter, actor } = change;
  return tx.one(sql`
    insert into reader_changes (publication_id, action, filter, state, actor_kind, actor_id, created_at)
    values (${publicationId}, ${action}, ${JSON.stringify(filter)}::jsonb, 'counting', ${actor.kind},
            ${'id' in actor ? actor.id : null}, ${now})
    returning id
  `);
}

/** For those whom another one changed; undefined: it was taken back already, or is not over. */
export async function insertUndo(
  tx: Tx,
  undo: { undoes: string; action: ReaderChangeAction; actor: Actor },
  now: Date,
): Promise<{ id: string } | undefined> {
  const { undoes, action, actor } = undo;
  const made = await tx.maybe<{ id: string }>(sql`
    insert into reader_changes (publication_id, action, undoes, state, actor_kind, actor_id, found, created_at)
    select publication_id, ${action}, id, 'running', ${actor.kind}, ${'id' in actor ? actor.id : null}, changed, ${now}::timestamptz
      from reader_changes
     where id = ${undoes}
       and state in ('done', 'stopped')
        on conflict (undoes) do nothing
    returning id
  `);
  if (made === undefined) return undefined;
  await tx.run(sql`
    insert into reader_change_items (change_id, subscription_id)
    select ${made.id}::uuid, subscription_id
      from reader_change_items
     where change_id = ${undoes}
       and outcome = 'changed'
  `);
  return made;
}

/** Whom an action can be done with, as they are when they are found. */
const CONCERNED: Readonly<Record<ReaderChangeAction, Sql>> = {
  pause: sql`l.status = 'confirmed'`,
  // Only what an operator paused: who paused herself resumes herself.
  resume: sql`l.status = 'paused'
       and (select a.actor_kind
              from activity a
             where a.subject_id = l.subscription_id
               and a.kind = 'subscription.paused'
             order by a.id desc
             limit 1) in ('operator', 'token', 'command-line')`,
  unsubscribe: sql`l.status <> 'unsubscribed'`,
  restore: sql`false`,
  erase: sql`true`,
};

/** Finds the readers, counts them, and forgets how they were looked for. A second run finds nothing to do. */
export async function gatherReaders(tx: Tx, id: string): Promise<void> {
  const change = await tx.maybe<{
    publicationId: string;
    action: ReaderChangeAction;
    filter: ReaderFilter;
  }>(sql`
    select publication_id, action, filter
      from reader_changes
     where id = ${id}
       and state = 'counting'
       for no key update
  `);
  if (change === undefined) return;
  const { publicationId, action } = change;
  const filter = withDates(change.filter);
  const found = await tx.run(sql`
    insert into reader_change_items (change_id, subscription_id)
    select ${id}::uuid, l.subscription_id
      from listed_readers l
     where ${selectedReaders({ publicationId, filter })}
       and ${CONCERNED[action]}
  `);
  await tx.run(sql`
    update reader_changes
       set state = 'ready',
           filter = null,
           found = ${found}
     where id = ${id}
  `);
}

/** JSON has no dates. */
function withDates({ joinedFrom, joinedBefore, ...filter }: ReaderFilter): ReaderFilter {
  return {
    ...filter,
    joinedFrom: joinedFrom && new Date(joinedFrom),
    joinedBefore: joinedBefore && new Date(joinedBefore),
  };
}

/** ready or stopped -> running; false where it is neither. */
export async function markRunning(tx: Tx, id: string): Promise<boolean> {
  const moved = await tx.run(sql`
    update reader_changes
       set state = 'running'
     where id = ${id}
       and state in ('ready', 'stopped')
       and not exists (select from reader_changes u where u.undoes = reader_changes.id)
  `);
  return moved === 1;
}

/** running -> stopped; false where it is not being done. */
export async function markStopped(tx: Tx, id: string): Promise<boolean> {
  const moved = await tx.run(sql`
    update reader_changes
       set state = 'stopped'
     where id = ${id}
       and state = 'running'
  `);
  return moved === 1;
}

/** running -> done, where nobody is left. */
export function markDone(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update reader_changes
       set state = 'done',
           finished_at = ${now}
     where id = ${id}
       and state = 'running'
       and not exists (select from reader_change_items i where i.change_id = reader_changes.id and i.outcome is null)
  `);
}

export async function recordOutcomes(
  tx: Tx,
  id: string,
  outcomes: { changed: readonly string[]; unchanged: readonly string[] },
): Promise<void> {
  for (const [outcome, ids] of Object.entries(outcomes).filter(([, ids]) => ids.length > 0))
    await tx.run(sql`
      update reader_change_items
         set outcome = ${outcome}
       where change_id = ${id}
         and subscription_id = any(${arrayLiteral([...ids])}::uuid[])
    `);
  await tx.run(sql`
    update reader_changes
       set changed = changed + ${outcomes.changed.length},
           unchanged = unchanged + ${outcomes.unchanged.length}
     where id = ${id}
  `);
}

/** With whom they were for. */
export function deleteReaderChangesBefore(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from reader_changes
     where created_at < ${before}
       and state <> 'running'
       and not exists (select from reader_changes u where u.undoes = reader_changes.id and u.created_at >= ${before})
  `);
}
