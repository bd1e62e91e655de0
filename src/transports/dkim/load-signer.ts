import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { UserFacingError } from '../../platform/user-facing-error.js';
import { loadKeys, type Keys } from '../../platform/crypto/keys.js';
import { createSigner, type DkimKey, type Signer } from '../../platform/mail/dkim/signer.js';
import { importPrivateKey } from '../../platform/mail/dkim/keys.js';
import { openSecret } from '../../platform/crypto/wrapped-keys.js';
import { dkimSecretName, normalizeSigningDomain, type StoredDkimKey } from './key.js';
import { listSigningKeys } from './reads.js';
import { lockDkimKeys } from './writes.js';

/** How long a process may go without noticing that keys have changed. */
const CACHE_TTL_MS = 30_000;

type CachedSigner = { until: number; signer: Promise<Signer | undefined> };

const signerCache = new WeakMap<Db, Map<string, CachedSigner>>();

/**
 * Signs as a domain, that of From, with all the keys that sign for it now; undefined while there is none. Remembered for
 * half a minute of the context's clock.
 * @throws UserFacingError when there is a key, but none of our SECRET_KEYs opens it: unsigned mail would harm the domain
 */
export function loadSigner(
  context: Pick<Context, 'db' | 'now' | 'config'>,
  domain: string,
): Promise<Signer | undefined> {
  const known = signerCache.get(context.db) ?? new Map<string, CachedSigner>();
  signerCache.set(context.db, known);
  const time = context.now().getTime();
  const found = known.get(domain);
  if (found !== undefined && time < found.until) return found.signer;
  const signer = openSigner(context, domain);
  known.set(domain, { until: time + CACHE_TTL_MS, signer });
  // What went wrong is not remembered: the next mail may have better luck.
  signer.catch(() => known.delete(domain));
  return signer;
}

async function openSigner(
  { db, now, config }: Pick<Context, 'db' | 'now' | 'config'>,
  domain: string,
): Promise<Signer | undefined> {
  const name = normalizeSigningDomain(domain);
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

async function openKey(tx: Tx, keys: Keys, row: StoredDkimKey): Promise<DkimKey> {
  const opened = await openSecret(tx, keys, dkimSecretName(row.id));
  if (opened.kind === 'open') return { ...row, privateKey: importPrivateKey(opened.secret) };
  throw new UserFacingError(
    opened.kind === 'locked'
      ? `The key ${row.selector} that signs mail from ${row.domain} was made under another SECRET_KEY and cannot be opened. ${MAIL_HELD_MESSAGE} Put the old key back, after a space behind the new one.`
      : `The key ${row.selector} that signs mail from ${row.domain} has lost its private half. ${MAIL_HELD_MESSAGE} Make new keys: paperround dkim rotate --domain ${row.domain}`,
  );
}

const MAIL_HELD_MESSAGE = 'Mail from there is held back rather than sent unsigned.';
