import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFileOnce } from '../process/write-file.js';
import { countNoun } from '../text/count-noun.js';
import { UserFacingError } from '../user-facing-error.js';

/** A SECRET_KEY: a short public id, and from it a key for each purpose (HKDF, RFC 5869). */
export type Key = {
  id: string;
  /** True for a key that others may have seen: it verifies unsubscribe links of old mails, and nothing else. */
  unsubscribeOnly: boolean;
  derive(purpose: string): Buffer;
};

/** The prefix of a SECRET_KEY that only verifies old unsubscribe links. */
export const UNSUBSCRIBE_ONLY_PREFIX = 'unsubscribe-only:';

/** In characters: 32 hexadecimal digits are 128 bits, and no short pass phrase is as long. */
export const MIN_SECRET_LENGTH = 32;

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

/**
 * @throws UserFacingError for a file that is empty or cut short: with it for a key, everybody could sign our links
 */
function loadOrCreateSecret(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    // Two first starts at once: one of them writes, and both read what it wrote.
    createFileOnce(file, `${randomBytes(MIN_SECRET_LENGTH).toString('hex')}\n`);
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length >= MIN_SECRET_LENGTH) return secret;
  const found = secret.length === 0 ? 'no key' : `only ${countNoun(secret.length, 'character')} of a key`;
  throw new UserFacingError(
    `${file} holds ${found}; it needs at least ${MIN_SECRET_LENGTH}. Nothing was started. Put it back from a backup: ` +
      'without that key, links in mails that are out stop working, and a database that was made with it cannot be used. ' +
      `Where there is nothing to lose, delete ${file} and the database, and a new key is made.`,
  );
}
