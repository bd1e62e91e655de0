import type { Context } from '../../platform/context.js';
import { beginAttack, endByHand } from './change-attack.js';
import { invalidateAttackCache } from './is-under-attack.js';

/** For operators. An attack that was begun by hand ends by hand only. */
export async function setAttackMode(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  publicationId: string,
  on: boolean,
): Promise<void> {
  const { db } = context;
  const byHand = { publicationId, cause: 'by-hand', forms: 0, refused: 0, usual: 0 } as const;
  await db.transaction((tx) =>
    on ? beginAttack(tx, context, byHand) : endByHand(tx, context, publicationId),
  );
  invalidateAttackCache(context);
}
