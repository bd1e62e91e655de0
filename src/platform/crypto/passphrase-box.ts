import { createCipheriv, createDecipheriv, randomBytes, scrypt, type ScryptOptions } from 'node:crypto';

/**
 * A secret that whoever knows a pass phrase can open, as it stands in a file. Its key is scrypt's (RFC 7914) of the pass phrase in
 * NFKC and UTF-8, 32 bytes; `data` is the text of AES-256-GCM, with the 16 bytes of its tag behind. `salt`, `nonce` and `data` are in
 * base64.
 */
export type PassphraseBox = {
  kdf: 'scrypt';
  n: number;
  r: number;
  p: number;
  salt: string;
  cipher: 'aes-256-gcm';
  nonce: string;
  data: string;
};

/** In characters: files are copied, and whoever has one may guess as long as she likes. */
export const MIN_PASSPHRASE_LENGTH = 12;
export const MAX_PASSPHRASE_LENGTH = 1000;

/** OWASP, Password Storage: N=2^16 with p=2 is as hard as N=2^17 with p=1, and takes half the memory, 64 MiB. */
const COST = { n: 2 ** 16, r: 8, p: 2 } as const;
const [SALT_BYTES, KEY_BYTES, NONCE_BYTES, TAG_BYTES] = [16, 32, 12, 16];

export async function sealWithPassphrase(secret: Buffer, passphrase: string): Promise<PassphraseBox> {
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const cipher = createCipheriv('aes-256-gcm', await deriveKey(passphrase, salt), nonce);
  const data = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  const [salted, used, sealed] = [salt, nonce, data].map((bytes) => bytes.toString('base64'));
  return {
    kdf: 'scrypt',
    ...COST,
    salt: salted ?? '',
    cipher: 'aes-256-gcm',
    nonce: used ?? '',
    data: sealed ?? '',
  };
}

/** Undefined: another pass phrase, changed bytes, or a cost that is not ours, which a file could make endless. */
export async function openWithPassphrase(
  box: PassphraseBox,
  passphrase: string,
): Promise<Buffer | undefined> {
  if (box.n !== COST.n || box.r !== COST.r || box.p !== COST.p) return undefined;
  const [salt, nonce, data] = [box.salt, box.nonce, box.data].map((text) => Buffer.from(text, 'base64'));
  if (salt === undefined || nonce?.length !== NONCE_BYTES || data === undefined) return undefined;
  if (data.length <= TAG_BYTES) return undefined;
  const key = await deriveKey(passphrase, salt);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(data.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    // GCM does not say which of them is wrong.
    return undefined;
  }
}

function deriveKey(passphrase: string, salt: Buffer): Promise<Buffer> {
  const { n, r, p } = COST;
  const options: ScryptOptions = { N: n, r, p, maxmem: 256 * n * r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
