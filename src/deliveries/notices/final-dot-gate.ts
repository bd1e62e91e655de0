import type { Context } from '../../platform/context.js';
import type { Notice } from './notice.js';
import { recordNoticeIntent } from './writes.js';

/**
 * Asked when a notice is written but for its final dot (RFC 5321 section 4.1.1.4). False holds the dot back: this attempt is
 * not the notice's any more. The intent is committed before the dot goes, so whoever recovers the notice knows of it.
 */
export async function mayNoticeDotGo(
  { db, now }: Pick<Context, 'db' | 'now'>,
  notice: Notice,
  addressHash: Buffer,
): Promise<boolean> {
  return (await db.transaction((tx) => recordNoticeIntent(tx, notice, addressHash, now()))) > 0;
}
