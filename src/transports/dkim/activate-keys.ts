import { recordActivities } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import {
  lookUpDkimRecord,
  type RecordLookupResult,
  type ResolveTxt,
} from '../../platform/mail/dkim/dns-record.js';
import { deleteSecret } from '../../platform/crypto/wrapped-keys.js';
import { dkimSecretName, dkimKeyState, type StoredDkimKey } from './key.js';
import { listDkimKeysOf } from './reads.js';
import { activateWaitingKeys, lockDkimKeys, retireSigningKeys } from './writes.js';

export type KeyLookup = { key: StoredDkimKey; lookup: RecordLookupResult };

export type ActivateKeysResult =
  | { kind: 'activated'; keys: StoredDkimKey[]; retired: StoredDkimKey[] }
  /** The DNS does not have all records as they should be; nothing was changed. */
  | { kind: 'unpublished'; lookups: KeyLookup[] }
  | { kind: 'none-waiting' };

/**
 * The waiting keys of a domain sign from now on and replace all that did: those are retired and their private halves
 * deleted. Without `resolveTxt` it is not checked whether the DNS has the records.
 */
export async function activateDkimKeys(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  domain: string,
  resolveTxt: ResolveTxt | undefined,
): Promise<ActivateKeysResult> {
  const { db, now } = context;
  const lookups =
    resolveTxt === undefined ? [] : await lookUpKeys(await listWaitingKeys(db, domain), resolveTxt);
  if (lookups.some(({ lookup }) => lookup.kind !== 'published')) return { kind: 'unpublished', lookups };
  return db.transaction(async (tx) => {
    await lockDkimKeys(tx, domain);
    if ((await listWaitingKeys(tx, domain)).length === 0) return { kind: 'none-waiting' };
    const retired = await retireSigningKeys(tx, domain, now());
    for (const { id } of retired) await deleteSecret(tx, dkimSecretName(id));
    const keys = await activateWaitingKeys(tx, domain, now());
    await recordActivities(tx, context, [
      ...keys.map(({ id, selector }) => {
        const after = { domain, selector };
        return { kind: 'dkim-key.activated' as const, publicationId: null, subjectId: id, after };
      }),
      ...retired.map(({ id, selector }) => {
        const before = { domain, selector };
        return { kind: 'dkim-key.retired' as const, publicationId: null, subjectId: id, before };
      }),
    ]);
    return { kind: 'activated', keys, retired };
  });
}

/** What the DNS has for each of these keys. */
export function lookUpKeys(keys: readonly StoredDkimKey[], resolveTxt: ResolveTxt): Promise<KeyLookup[]> {
  return Promise.all(keys.map(async (key) => ({ key, lookup: await lookUpDkimRecord(resolveTxt, key) })));
}

async function listWaitingKeys(db: Db | Tx, domain: string): Promise<StoredDkimKey[]> {
  return (await listDkimKeysOf(db, domain)).filter((key) => dkimKeyState(key) === 'waiting');
}
