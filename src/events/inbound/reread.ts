import type { Context } from '../../platform/context.js';
import { enqueueAll } from '../../platform/jobs/outbox.js';
import { markInboundWaiting } from '../../platform/mail/inbound/inbound-mails.js';

const PAGE_SIZE = 500;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Has stored mails read again, after an upgrade that understands more, or when what failed is mended. What was recorded before stays,
 * and nothing counts twice.
 * @returns how many
 */
export async function rereadInbound(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { onlyFailed }: { onlyFailed: boolean },
): Promise<number> {
  let count = 0;
  for (let after = LOWEST_ID; ;) {
    const ids = await db.transaction(async (tx) => {
      const page = await markInboundWaiting(tx, { onlyFailed, after, limit: PAGE_SIZE });
      const payloads = page.map(({ id }) => ({ inboundMailId: id }));
      await enqueueAll(tx, 'read-inbound', payloads, now());
      return page.map(({ id }) => id);
    });
    count += ids.length;
    const last = ids.at(-1);
    if (last === undefined || ids.length < PAGE_SIZE) return count;
    after = last;
  }
}
