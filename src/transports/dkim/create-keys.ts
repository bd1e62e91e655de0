import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { loadKeys } from '../../platform/crypto/keys.js';
import { generateDkimKey, type DkimAlgorithm, type NewDkimKey } from '../../platform/mail/dkim/keys.js';
import { storeSecret } from '../../platform/crypto/wrapped-keys.js';
import { nextSelector, dkimSecretName, dkimKeyState, type StoredDkimKey } from './key.js';
import { listDkimKeysOf } from './reads.js';
import { insertDkimKey, lockDkimKeys } from './writes.js';

export type CreateKeysResult =
  | { kind: 'made'; keys: StoredDkimKey[] }
  /** Some wait for their records already: those come first. */
  | { kind: 'waiting' }
  | { kind: 'signing' }
  /** There is nothing to put others in place of. */
  | { kind: 'none' };

type DkimContext = Pick<Context, 'db' | 'now' | 'config'>;
type KeyRequest = { domain: string; algorithms: readonly DkimAlgorithm[] };

/** The first keys of a domain, one of each algorithm. They sign nothing until they are activated. */
export function createDkimKeys(context: DkimContext, wanted: KeyRequest): Promise<CreateKeysResult> {
  return createKeys(context, wanted, 'none');
}

/** The next keys of a domain whose keys sign; those go on until the new ones are activated. */
export function rotateDkimKeys(context: DkimContext, wanted: KeyRequest): Promise<CreateKeysResult> {
  return createKeys(context, wanted, 'signing');
}

async function createKeys(
  { db, now, config }: DkimContext,
  wanted: KeyRequest,
  expected: 'none' | 'signing',
): Promise<CreateKeysResult> {
  // RSA takes its time, so no transaction is open meanwhile.
  const fresh = await Promise.all(wanted.algorithms.map(generateDkimKey));
  return db.transaction(async (tx) => {
    await lockDkimKeys(tx, wanted.domain);
    const known = await listDkimKeysOf(tx, wanted.domain);
    const standing = domainKeyState(known);
    if (standing !== expected) return { kind: standing };
    const taken = known.map(({ selector }) => selector);
    const keys: StoredDkimKey[] = [];
    for (const key of fresh) {
      const selector = nextSelector(key.algorithm, now(), taken);
      keys.push(await storeKey(tx, config, { ...key, domain: wanted.domain, selector }, now()));
    }
    return { kind: 'made', keys };
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
