import type { Context } from '../../platform/context.js';
import type { Hook, Refusal } from './hook.js';
import { recordRefusal } from './writes.js';

/** Writes down, once a minute at most, that a request was refused: whoever sets the provider up looks for why nothing comes. */
export async function noteRefusal(
  { db, now, log }: Pick<Context, 'db' | 'now' | 'log'>,
  hooks: readonly Pick<Hook, 'id'>[],
  refusal: Refusal,
): Promise<void> {
  const ids = hooks.map(({ id }) => id);
  if (ids.length === 0) return;
  const noted = await db.transaction((tx) => recordRefusal(tx, ids, refusal, now()));
  if (noted > 0) log.warn({ event: 'hook.refused', hookIds: ids, refusal });
}
