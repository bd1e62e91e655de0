import type { Context } from '../../platform/context.js';
import { startOrExtendAttack, endAttack } from './writes.js';
import { invalidateAttackCache } from './is-under-attack.js';

/** For operators. An attack that was begun by hand ends by hand only. */
export async function setAttackMode(
  context: Pick<Context, 'db' | 'now'>,
  publicationId: string,
  on: boolean,
): Promise<void> {
  const { db, now } = context;
  const byHand = { publicationId, cause: 'by-hand', forms: 0, refused: 0, usual: 0 } as const;
  await db.transaction((tx) =>
    on ? startOrExtendAttack(tx, byHand, now()) : endAttack(tx, publicationId, now()),
  );
  invalidateAttackCache(context);
}
