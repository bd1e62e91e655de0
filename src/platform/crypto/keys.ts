import { hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One SECRET_KEY: its short public name, and a key of its own for each use (HKDF, RFC 5869). */
export type Key = {
  id: string;
  /** Others may have seen it: unsubscribe links of old mails go on working with it, and nothing else. */
  unsubscribeOnly: boolean;
  derive(purpose: string): Buffer;
};

/** Stands before a SECRET_KEY that is there for old unsubscribe links alone. */
export const UNSUBSCRIBE_ONLY_PREFIX = 'unsubscribe-only:';

/** The first signs, all that are not unsubscribe-only wrap and verify, all unwrap. */
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
    // Two first starts at once: 'wx' lets one of them write, and both read what it wrote.
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
