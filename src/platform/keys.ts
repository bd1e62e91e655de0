import { hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One SECRET_KEY: its short public name, and a key of its own for each use (HKDF, RFC 5869). */
export type Key = { id: string; for(purpose: string): Buffer };

/** The first signs and wraps, all verify and unwrap. */
export type Keys = readonly [Key, ...Key[]];

/** Keys from SECRET_KEY, or from a key made once and kept in the data directory (never in production). */
export function loadKeys(config: { secretKeys: string[]; dataDir: string }): Keys {
  const [first, ...rest] = config.secretKeys;
  if (first === undefined) return [deriveKey(keptSecret(join(config.dataDir, 'secret-key')))];
  return [deriveKey(first), ...rest.map(deriveKey)];
}

export function deriveKey(secret: string): Key {
  const derived = new Map<string, Buffer>();
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, 'paperround', purpose, bytes));
  return {
    id: derive('key-id', 4).toString('hex'),
    for(purpose) {
      const known = derived.get(purpose) ?? derive(purpose, 32);
      derived.set(purpose, known);
      return known;
    },
  };
}

function keptSecret(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    // Two first starts at once: 'wx' lets one of them write, and both read what it wrote.
    writeOnce(file, randomBytes(32).toString('hex'));
  }
  return readFileSync(file, 'utf8').trim();
}

function writeOnce(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`, { flag: 'wx', mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
