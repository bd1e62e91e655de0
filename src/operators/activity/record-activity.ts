import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { uuidv7 } from '../../platform/uuid.js';
import { kindOf, type ActivityKind, type After, type Before } from './kinds.js';
import { toStoredPayload } from './stored-payload.js';
import { insertActivity } from './writes.js';

type Part<Name extends string, Value> = [Value] extends [null]
  ? { [Each in Name]?: never }
  : { [Each in Name]: Value };

/** One change, as it is recorded. `publicationId` null: it is about the whole server. */
export type Change<Name extends ActivityKind = ActivityKind> = {
  [Each in Name]: { kind: Each; publicationId: string | null; subjectId: string | null } & Part<
    'before',
    Before<Each>
  > &
    Part<'after', After<Each>>;
}[Name];

/** Records a change in the transaction that makes it: there are both, or neither. */
export function recordActivity(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  change: Change,
): Promise<void> {
  return recordActivities(tx, context, [change]);
}

/** Records changes in one statement; none where there are none. Of a subject only what its kind names is kept. */
export async function recordActivities(
  tx: Tx,
  { actor, now }: Pick<Context, 'actor' | 'now'>,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return;
  const at = now();
  const rows = changes.map(({ kind, subjectId, publicationId, before = null, after = null }) => {
    const definition = kindOf(kind);
    return {
      id: uuidv7(at),
      kind,
      subjectType: definition.subject,
      subjectId,
      publicationId,
      before: toStoredPayload(definition.before, before),
      after: toStoredPayload(definition.after, after),
    };
  });
  await insertActivity(tx, actor, rows, at);
}
