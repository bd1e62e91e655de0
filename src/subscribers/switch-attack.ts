import type { Context } from '../platform/context.js';
import { forgetAttacks } from './attack.js';
import { beginAttack, endAttack } from './attack-writes.js';

/** An operator says whether a newsletter's forms ask for work first. What she switches on stays on until she switches it off. */
export async function switchAttack(
  context: Pick<Context, 'db' | 'now'>,
  publicationId: string,
  on: boolean,
): Promise<void> {
  const { db, now } = context;
  const byHand = { publicationId, cause: 'by-hand', forms: 0, refused: 0, usual: 0 } as const;
  await db.transaction((tx) => (on ? beginAttack(tx, byHand, now()) : endAttack(tx, publicationId, now())));
  forgetAttacks(context);
}
