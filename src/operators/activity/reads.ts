import type { ActorKind } from '../../platform/actor.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { join, raw, sql, type Sql } from '../../platform/db/sql.js';
import { lowestUuidAt } from '../../platform/uuid.js';
import type { Activity } from './activity.js';
import { activityKinds, type ActivityKind } from './kinds.js';

/** Which changes; what is absent does not matter. */
export type ActivityFilter = {
  /** Null: what is about no publication but the whole server. */
  publicationId?: string | null | undefined;
  kinds?: readonly ActivityKind[] | undefined;
  actor?: { kind: ActorKind } | { id: string } | undefined;
  subjectId?: string | undefined;
  since?: Date | undefined;
};

type Row = Omit<Activity, 'actor'> & {
  actorKind: ActorKind;
  actorId: string | null;
  actorName: string | null;
};

/** One page, newest first: with each filter a page costs as much as the rows it shows, however many there are. */
export async function listActivity(
  db: Db | Tx,
  filter: ActivityFilter,
  page: { before: string | undefined; limit: number },
): Promise<Activity[]> {
  const rows = await db.many<Row>(sql`
    select a.id, a.created_at, a.kind, a.actor_kind, a.actor_id, coalesce(o.name, o.email, t.name) as actor_name,
           a.subject_type, a.subject_id, a.publication_id, a.before, a.after
      from (${isFew(filter) ? selectDirectly(filter, page) : selectByKind(filter, page)}) a
      left join operators o on a.actor_kind = 'operator' and o.id = a.actor_id
      left join api_tokens t on a.actor_kind = 'token' and t.id = a.actor_id
     order by a.id desc
  `);
  return rows.map(
    ({ actorKind, actorId, actorName, ...row }) =>
      ({ ...row, actor: { kind: actorKind, id: actorId, name: actorName } }) as Activity,
  );
}

type PageStart = { before: string | undefined; limit: number };

/** Of the whole table, or of what an index has few rows of. */
function isFew({ publicationId, kinds, actor, subjectId }: ActivityFilter): boolean {
  if (subjectId !== undefined) return true;
  if (actor !== undefined) return 'id' in actor || isPerson(actor);
  return publicationId === undefined && kinds === undefined;
}

function isPerson({ kind }: { kind: ActorKind }): boolean {
  return kind !== 'reader' && kind !== 'system';
}

function selectDirectly(filter: ActivityFilter, { before, limit }: PageStart): Sql {
  return sql`
    select *
      from activity
     where kind = any(${[...(filter.kinds ?? activityKinds)]}::text[])
       and ${matches(filter, before)}
     order by id desc
     limit ${limit}
  `;
}

/** The newest of each kind: among millions of readers' changes the few of another kind are found at once. */
function selectByKind(filter: ActivityFilter, { before, limit }: PageStart): Sql {
  return sql`
    select newest.*
      from unnest(${[...(filter.kinds ?? activityKinds)]}::text[]) as wanted (kind)
     cross join lateral (
       select *
         from activity
        where kind = wanted.kind
          and ${matches(filter, before)}
        order by id desc
        limit ${limit}
     ) newest
     order by newest.id desc
     limit ${limit}
  `;
}

function matches(
  { publicationId, actor, subjectId, since }: ActivityFilter,
  before: string | undefined,
): Sql {
  const conditions: Sql[] = [sql`true`];
  if (publicationId === null) conditions.push(sql`publication_id is null`);
  else if (publicationId !== undefined) conditions.push(sql`publication_id = ${publicationId}`);
  if (subjectId !== undefined) conditions.push(sql`subject_id = ${subjectId}`);
  if (actor !== undefined && 'id' in actor) conditions.push(sql`actor_id = ${actor.id}`);
  if (actor !== undefined && 'kind' in actor) conditions.push(sql`actor_kind = ${actor.kind}`);
  // As the index has it: Postgres knows a value of ours only when it plans for that value.
  if (actor !== undefined && 'kind' in actor && isPerson(actor)) conditions.push(BY_PEOPLE);
  if (since !== undefined) conditions.push(sql`id >= ${lowestUuidAt(since)} and created_at >= ${since}`);
  if (before !== undefined) conditions.push(sql`id < ${before}`);
  return join(conditions, ' and ');
}

const BY_PEOPLE = raw(`actor_kind in ('operator', 'token', 'command-line')`);
