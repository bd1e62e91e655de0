import { LRUCache } from 'lru-cache';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { SECOND_MS } from '../../platform/durations.js';
import { UserFacingError } from '../../platform/user-facing-error.js';
import { loadKeys, type Keys } from '../../platform/crypto/keys.js';
import { createSigner, type DkimKey, type Signer } from '../../platform/mail/dkim/signer.js';
import { importPrivateKey } from '../../platform/mail/dkim/keys.js';
import { openSecret } from '../../platform/crypto/wrapped-keys.js';
import { dkimSecretName, normalizeSigningDomain, type StoredDkimKey } from './key.js';
import { listSigningKeys } from './reads.js';
import { lockDkimKeys } from './writes.js';

/** How long a process may use keys that have been replaced. */
const CACHE_TTL_MS = 30 * SECOND_MS;
const MAX_CACHED_DOMAINS = 1000;

type SignerCache = LRUCache<string, Promise<Signer | undefined>>;

/** By domain, for each database. */
const signerCaches = new WeakMap<Db, SignerCache>();

/**
 * The signer of a domain, that of From, with all the keys that sign for it now; undefined while there is none. Cached for
 * half a minute of the context's clock.
 * @throws UserFacingError when there is a key, but none of our SECRET_KEYs opens it: unsigned mail would harm the domain
 */
export function loadSigner(
  context: Pick<Context, 'db' | 'now' | 'config'>,
  domain: string,
): Promise<Signer | undefined> {
  const cache = cacheOf(context);
  const cached = cache.get(domain);
  if (cached !== undefined) return cached;
  const signer = openSigner(context, domain);
  cache.set(domain, signer);
  // A failure is not cached: the next mail tries again.
  signer.catch(() => cache.delete(domain));
  return signer;
}

function cacheOf({ db, now }: Pick<Context, 'db' | 'now'>): SignerCache {
  const known = signerCaches.get(db);
  if (known !== undefined) return known;
  const cache: SignerCache = new LRUCache({
    max: MAX_CACHED_DOMAINS,
    ttl: CACHE_TTL_MS,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
  });
  signerCaches.set(db, cache);
  return cache;
}

async function openSigner(
  { db, now, config }: Pick<Context, 'db' | 'now' | 'config'>,
  domain: string,
): Promise<Signer | undefined> {
  const name = normalizeSigningDomain(domain);
  if (name === undefined) return undefined;
  const keys = await db.transaction(async (tx) => {
    // Without the lock, a key retired between these reads would look like one that has lost its private half.
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
