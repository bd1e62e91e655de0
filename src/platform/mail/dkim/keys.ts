import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** The private half as PKCS #8 in DER; the public half as its DNS record has it in `p=`, base64. */
export type NewDkimKey = { algorithm: DkimAlgorithm; privateKey: Buffer; publicKey: string };

const generate = promisify(generateKeyPair);

/** A new key. RSA has 2048 bits, as RFC 8301 section 3.2 recommends; the record of a longer one does not fit at some DNS hosts. */
export async function generateDkimKey(algorithm: DkimAlgorithm): Promise<NewDkimKey> {
  const { privateKey, publicKey } =
    algorithm === 'rsa-sha256' ? await generate('rsa', { modulusLength: 2048 }) : await generate('ed25519');
  return {
    algorithm,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicKey: encodePublicKey(algorithm, publicKey).toString('base64'),
  };
}

/** The private half for signing. Import it once: that costs more than a signature. */
export function importPrivateKey(pkcs8: Buffer): KeyObject {
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

/** RSA publishes its SubjectPublicKeyInfo (RFC 6376 section 3.6.1), Ed25519 the bare 32 bytes at its end (RFC 8463 section 4). */
function encodePublicKey(algorithm: DkimAlgorithm, publicKey: KeyObject): Buffer {
  const info = publicKey.export({ format: 'der', type: 'spki' });
  return algorithm === 'rsa-sha256' ? info : info.subarray(-32);
}
