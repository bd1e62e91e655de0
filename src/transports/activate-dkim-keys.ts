import type { Context } from '../platform/context.js';
import type { Db, Tx } from '../platform/db/database.js';
import { lookUpRecord, type Published, type ResolveTxt } from '../platform/mail/dkim-record.js';
import { dropSecret } from '../platform/wrapped-keys.js';
import { secretOf, stateOf, type DkimRow } from './dkim-key.js';
import { listDkimKeysOf } from './dkim-reads.js';
import { activateWaitingKeys, lockDkimKeys, retireSigningKeys } from './dkim-writes.js';

export type Looked = { key: DkimRow; dns: Published };

export type Activated =
  | { kind: 'activated'; keys: DkimRow[]; retired: DkimRow[] }
  /** The DNS does not show all records as they should be; nothing was changed. */
  | { kind: 'unpublished'; looked: Looked[] }
  | { kind: 'none-waiting' };

/**
 * The waiting keys of a domain sign from now on, in place of all that did: those are retired and their private halves
 * deleted. Without `resolveTxt` nobody looks whether the DNS has the records.
 */
export async function activateDkimKeys(
  { db, now }: Pick<Context, 'db' | 'now'>,
  domain: string,
  resolveTxt: ResolveTxt | undefined,
): Promise<Activated> {
  const looked = resolveTxt === undefined ? [] : await lookUpKeys(await waitingKeys(db, domain), resolveTxt);
  if (looked.some(({ dns }) => dns.kind !== 'published')) return { kind: 'unpublished', looked };
  return db.transaction(async (tx) => {
    await lockDkimKeys(tx, domain);
    if ((await waitingKeys(tx, domain)).length === 0) return { kind: 'none-waiting' };
    const retired = await retireSigningKeys(tx, domain, now());
    for (const { id } of retired) await dropSecret(tx, secretOf(id));
    return { kind: 'activated', keys: await activateWaitingKeys(tx, domain, now()), retired };
  });
}

/** What the DNS shows for each of these keys. */
export function lookUpKeys(keys: readonly DkimRow[], resolveTxt: ResolveTxt): Promise<Looked[]> {
  return Promise.all(keys.map(async (key) => ({ key, dns: await lookUpRecord(resolveTxt, key) })));
}

async function waitingKeys(db: Db | Tx, domain: string): Promise<DkimRow[]> {
  return (await listDkimKeysOf(db, domain)).filter((key) => stateOf(key) === 'waiting');
}
