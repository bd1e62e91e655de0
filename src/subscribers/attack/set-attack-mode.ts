import type { Context } from '../../platform/context.js';
import { invalidateAttackCache } from './attack.js';
import { startOrExtendAttack, endAttack } from './writes.js';

/** An operator says whether a newsletter's forms ask for work first. What she switches on stays on until she switches it off. */
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
