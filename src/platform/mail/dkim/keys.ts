import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** `privateKey` is PKCS #8 in DER; `publicKey` is the base64 of `p=` in the DNS record. */
export type NewDkimKey = { algorithm: DkimAlgorithm; privateKey: Buffer; publicKey: string };

const generate = promisify(generateKeyPair);

/** Makes a key. RSA keys have 2048 bits, as RFC 8301 section 3.2 recommends; some DNS hosts do not take longer records. */
export async function generateDkimKey(algorithm: DkimAlgorithm): Promise<NewDkimKey> {
  const { privateKey, publicKey } =
    algorithm === 'rsa-sha256' ? await generate('rsa', { modulusLength: 2048 }) : await generate('ed25519');
  return {
    algorithm,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicKey: encodePublicKey(algorithm, publicKey).toString('base64'),
  };
}

/** Imports a private key for signing. Do it once: it takes longer than a signature. */
export function importPrivateKey(pkcs8: Buffer): KeyObject {
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

/**
 * `p=` has the SubjectPublicKeyInfo of an RSA key (RFC 6376 section 3.6.1), but only the last 32 bytes of an Ed25519 one
 * (RFC 8463 section 4).
 */
function encodePublicKey(algorithm: DkimAlgorithm, publicKey: KeyObject): Buffer {
  const info = publicKey.export({ format: 'der', type: 'spki' });
  return algorithm === 'rsa-sha256' ? info : info.subarray(-32);
}
