import type { Context } from '../platform/context.js';
import type { Db, Tx } from '../platform/db/database.js';
import { ExplainedError } from '../platform/explained-error.js';
import { loadKeys, type Keys } from '../platform/keys.js';
import { createSigner, type DkimKey, type Signer } from '../platform/mail/dkim.js';
import { openPrivateKey } from '../platform/mail/dkim-keys.js';
import { openSecret } from '../platform/wrapped-keys.js';
import { secretOf, signingDomain, type DkimRow } from './dkim-key.js';
import { listSigningKeys } from './dkim-reads.js';
import { lockDkimKeys } from './dkim-writes.js';

/** How long a process may go without noticing that keys have changed. */
const REMEMBERED_MS = 30_000;

type Remembered = { until: number; signer: Promise<Signer | undefined> };

const remembered = new WeakMap<Db, Map<string, Remembered>>();

/**
 * Signs as a domain, that of From, with all the keys that sign for it now; undefined while there is none. Remembered for
 * half a minute of the context's clock.
 * @throws ExplainedError when there is a key, but none of our SECRET_KEYs opens it: unsigned mail would harm the domain
 */
export function loadSigner(
  context: Pick<Context, 'db' | 'now' | 'config'>,
  domain: string,
): Promise<Signer | undefined> {
  const known = remembered.get(context.db) ?? new Map<string, Remembered>();
  remembered.set(context.db, known);
  const time = context.now().getTime();
  const found = known.get(domain);
  if (found !== undefined && time < found.until) return found.signer;
  const signer = open(context, domain);
  known.set(domain, { until: time + REMEMBERED_MS, signer });
  // What went wrong is not remembered: the next mail may have better luck.
  signer.catch(() => known.delete(domain));
  return signer;
}

async function open(
  { db, now, config }: Pick<Context, 'db' | 'now' | 'config'>,
  domain: string,
): Promise<Signer | undefined> {
  const name = signingDomain(domain);
  if (name === undefined) return undefined;
  const keys = await db.transaction(async (tx) => {
    // A key retired between these reads would look like one that has lost its private half.
    await lockDkimKeys(tx, name);
    const opened: DkimKey[] = [];
    for (const row of await listSigningKeys(tx, name, now())) {
      opened.push(await openKey(tx, loadKeys(config), row));
    }
    return opened;
  });
  return keys.length === 0 ? undefined : createSigner(keys);
}

async function openKey(tx: Tx, keys: Keys, row: DkimRow): Promise<DkimKey> {
  const opened = await openSecret(tx, keys, secretOf(row.id));
  if (opened.kind === 'open') return { ...row, privateKey: openPrivateKey(opened.secret) };
  throw new ExplainedError(
    opened.kind === 'locked'
      ? `The key ${row.selector} that signs mail from ${row.domain} was made under another SECRET_KEY and cannot be opened. ${HELD} Put the old key back, after a space behind the new one.`
      : `The key ${row.selector} that signs mail from ${row.domain} has lost its private half. ${HELD} Make new keys: paperround dkim rotate --domain ${row.domain}`,
  );
}

const HELD = 'Mail from there is held back rather than sent unsigned.';
