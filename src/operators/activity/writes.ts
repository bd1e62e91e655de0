import type { Actor } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { ActivityKind } from './kinds.js';
import type { SubjectType } from './kind.js';

type NewRow = {
  id: string;
  kind: ActivityKind;
  subjectType: SubjectType;
  subjectId: string | null;
  publicationId: string | null;
  before: object | null;
  after: object | null;
};

export function insertActivity(tx: Tx, actor: Actor, rows: readonly NewRow[], now: Date): Promise<number> {
  return tx.run(sql`
    insert into activity (id, created_at, actor_kind, actor_id, kind, subject_type, subject_id, publication_id, before, after)
    select id, ${now}::timestamptz, ${actor.kind}, ${'id' in actor ? actor.id : null}::uuid, kind, "subjectType", "subjectId",
           "publicationId", before, after
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as given (id uuid, kind text, "subjectType" text, "subjectId" uuid, "publicationId" uuid, before jsonb, after jsonb)
  `);
}

/** Since when a row may go: any, and one of an operator's account. `beforeId`: the lowest id of that moment. */
export type ActivityCutoffs = { before: Date; beforeId: string; accountsBefore: Date };

/**
 * Rows from before a moment. What an operator did, and what was done to an account, stays while the account is there, and for
 * its own time at least. The table refuses any other deletion.
 */
export async function deleteActivityBefore(
  tx: Tx,
  { before, beforeId, accountsBefore }: ActivityCutoffs,
  limit: number,
): Promise<number> {
  await tx.run(sql`set local paperround.purges = 'activity'`);
  return tx.run(sql`
    delete from activity
     where id in (
       select a.id
         from activity a
        where a.id < ${beforeId}
          and a.created_at < ${before}
          and (not (a.actor_kind = 'operator' or a.subject_type = 'operator')
               or (a.created_at < ${accountsBefore}
                   and not exists (
                     select
                       from operators o
                      where o.removed_at is null
                        and ((a.actor_kind = 'operator' and o.id = a.actor_id)
                             or (a.subject_type = 'operator' and o.id = a.subject_id))
                   )))
        order by a.id
        limit ${limit}
     )
  `);
}
