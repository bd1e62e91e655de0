import { recordActivities } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { loadKeys } from '../../platform/crypto/keys.js';
import { generateDkimKey, type DkimAlgorithm, type NewDkimKey } from '../../platform/mail/dkim/keys.js';
import { storeSecret } from '../../platform/crypto/wrapped-keys.js';
import { nextSelector, dkimSecretName, dkimKeyState, type StoredDkimKey } from './key.js';
import { listDkimKeysOf } from './reads.js';
import { insertDkimKey, lockDkimKeys } from './writes.js';

export type CreateKeysResult =
  | { kind: 'created'; keys: StoredDkimKey[] }
  /** Others wait for their records already, and have to be activated first. */
  | { kind: 'waiting' }
  | { kind: 'signing' }
  /** There are no keys to rotate. */
  | { kind: 'none' };

type DkimContext = Pick<Context, 'db' | 'now' | 'actor' | 'config'>;
type KeyRequest = { domain: string; algorithms: readonly DkimAlgorithm[] };

/** The first keys of a domain, one of each algorithm. They sign nothing until they are activated. */
export function createDkimKeys(context: DkimContext, request: KeyRequest): Promise<CreateKeysResult> {
  return createKeys(context, request, 'none');
}

/** The next keys of a domain whose keys sign; those go on until the new ones are activated. */
export function rotateDkimKeys(context: DkimContext, request: KeyRequest): Promise<CreateKeysResult> {
  return createKeys(context, request, 'signing');
}

async function createKeys(
  context: DkimContext,
  request: KeyRequest,
  expected: 'none' | 'signing',
): Promise<CreateKeysResult> {
  const { db, now, config } = context;
  // Generating an RSA key is slow, so no transaction is open meanwhile.
  const newKeys = await Promise.all(request.algorithms.map(generateDkimKey));
  return db.transaction(async (tx) => {
    await lockDkimKeys(tx, request.domain);
    const known = await listDkimKeysOf(tx, request.domain);
    const state = domainKeyState(known);
    if (state !== expected) return { kind: state };
    const usedSelectors = known.map(({ selector }) => selector);
    const keys: StoredDkimKey[] = [];
    for (const key of newKeys) {
      const selector = nextSelector(key.algorithm, now(), usedSelectors);
      keys.push(await storeKey(tx, config, { ...key, domain: request.domain, selector }, now()));
    }
    const changes = keys.map(({ id, domain, selector }) => {
      const after = { domain, selector };
      return { kind: 'dkim-key.created' as const, publicationId: null, subjectId: id, after };
    });
    await recordActivities(tx, context, changes);
    return { kind: 'created', keys };
  });
}

function domainKeyState(keys: readonly StoredDkimKey[]): 'waiting' | 'signing' | 'none' {
  const states = keys.map(dkimKeyState);
  if (states.includes('waiting')) return 'waiting';
  return states.includes('signing') ? 'signing' : 'none';
}

async function storeKey(
  tx: Tx,
  config: Context['config'],
  key: NewDkimKey & { domain: string; selector: string },
  now: Date,
): Promise<StoredDkimKey> {
  const row = await insertDkimKey(tx, key, now);
  await storeSecret(tx, loadKeys(config), dkimSecretName(row.id), key.privateKey);
  return row;
}
