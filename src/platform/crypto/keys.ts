import { hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A SECRET_KEY: a short public id, and from it a key for each purpose (HKDF, RFC 5869). */
export type Key = {
  id: string;
  /** True for a key that others may have seen: it verifies unsubscribe links of old mails, and nothing else. */
  unsubscribeOnly: boolean;
  derive(purpose: string): Buffer;
};

/** The prefix of a SECRET_KEY that only verifies old unsubscribe links. */
export const UNSUBSCRIBE_ONLY_PREFIX = 'unsubscribe-only:';

/** The first key signs. All but unsubscribe-only ones verify links and wrap secrets; all unwrap. */
export type Keys = readonly [Key, ...Key[]];

/** Keys from SECRET_KEY, or from a key made once and stored in the data directory (never in production). */
export function loadKeys(config: { secretKeys: string[]; dataDir: string }): Keys {
  const [first, ...rest] = config.secretKeys;
  if (first === undefined) return [deriveKey(loadOrCreateSecret(join(config.dataDir, 'secret-key')))];
  return [deriveKey(first), ...rest.map(deriveKey)];
}

export function deriveKey(setting: string): Key {
  const unsubscribeOnly = setting.startsWith(UNSUBSCRIBE_ONLY_PREFIX);
  const secret = unsubscribeOnly ? setting.slice(UNSUBSCRIBE_ONLY_PREFIX.length) : setting;
  const derived = new Map<string, Buffer>();
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, 'paperround', purpose, bytes));
  return {
    id: derive('key-id', 4).toString('hex'),
    unsubscribeOnly,
    derive(purpose) {
      const known = derived.get(purpose) ?? derive(purpose, 32);
      derived.set(purpose, known);
      return known;
    },
  };
}

function loadOrCreateSecret(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    // Two processes may start for the first time at once: one of them writes the file, and both read it.
    writeFileOnce(file, randomBytes(32).toString('hex'));
  }
  return readFileSync(file, 'utf8').trim();
}

function writeFileOnce(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`, { flag: 'wx', mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
