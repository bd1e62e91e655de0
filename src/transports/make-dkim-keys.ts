import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { loadKeys } from '../platform/keys.js';
import { generateDkimKey, type DkimAlgorithm, type NewDkimKey } from '../platform/mail/dkim-keys.js';
import { keepSecret } from '../platform/wrapped-keys.js';
import { newSelector, secretOf, stateOf, type DkimRow } from './dkim-key.js';
import { listDkimKeysOf } from './dkim-reads.js';
import { insertDkimKey, lockDkimKeys } from './dkim-writes.js';

export type Made =
  | { kind: 'made'; keys: DkimRow[] }
  /** Some wait for their records already: those come first. */
  | { kind: 'waiting' }
  | { kind: 'signing' }
  /** There is nothing to put others in place of. */
  | { kind: 'none' };

type Use = Pick<Context, 'db' | 'now' | 'config'>;
type Wanted = { domain: string; algorithms: readonly DkimAlgorithm[] };

/** The first keys of a domain, one of each algorithm. They sign nothing until they are activated. */
export function createDkimKeys(context: Use, wanted: Wanted): Promise<Made> {
  return make(context, wanted, 'none');
}

/** The next keys of a domain whose keys sign; those go on until the new ones are activated. */
export function rotateDkimKeys(context: Use, wanted: Wanted): Promise<Made> {
  return make(context, wanted, 'signing');
}

async function make({ db, now, config }: Use, wanted: Wanted, expected: 'none' | 'signing'): Promise<Made> {
  // RSA takes its time, so no transaction is open meanwhile.
  const fresh = await Promise.all(wanted.algorithms.map(generateDkimKey));
  return db.transaction(async (tx) => {
    await lockDkimKeys(tx, wanted.domain);
    const known = await listDkimKeysOf(tx, wanted.domain);
    const standing = standingOf(known);
    if (standing !== expected) return { kind: standing };
    const taken = known.map(({ selector }) => selector);
    const keys: DkimRow[] = [];
    for (const key of fresh) {
      const selector = newSelector(key.algorithm, now(), taken);
      keys.push(await keep(tx, config, { ...key, domain: wanted.domain, selector }, now()));
    }
    return { kind: 'made', keys };
  });
}

function standingOf(keys: readonly DkimRow[]): 'waiting' | 'signing' | 'none' {
  const states = keys.map(stateOf);
  if (states.includes('waiting')) return 'waiting';
  return states.includes('signing') ? 'signing' : 'none';
}

async function keep(
  tx: Tx,
  config: Context['config'],
  key: NewDkimKey & { domain: string; selector: string },
  now: Date,
): Promise<DkimRow> {
  const row = await insertDkimKey(tx, key, now);
  await keepSecret(tx, loadKeys(config), secretOf(row.id), key.privateKey);
  return row;
}
