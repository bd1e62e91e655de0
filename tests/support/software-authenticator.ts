import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';

type Options = { challenge: string; rpId?: string; rp?: { id?: string }; user?: { id: string } };

/** What an answer claims; a test says something else than what is true. */
export type Claims = {
  origin: string;
  challenge?: string;
  rpId?: string;
  counter?: number;
  verified?: boolean;
};

/**
 * An authenticator as Web Authentication, Level 3, describes it in section 6, that also tells lies: for what no browser would
 * send. It has one passkey, of ES256.
 */
export function createAuthenticator() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(16);
  return {
    /** The answer to the options of a registration, as JSON. */
    register: (options: Options, claims: Claims): string => {
      const clientData = clientDataOf('webauthn.create', options, claims);
      const authData = authenticatorData(options, claims, attestedData(credentialId, publicKey));
      return answer(credentialId, {
        clientDataJSON: base64(clientData),
        attestationObject: base64(attestationObject(authData)),
        transports: ['internal'],
      });
    },
    /** The answer to the options of signing in, as JSON. */
    sign: (options: Options, claims: Claims, userHandle?: string): string => {
      const clientData = clientDataOf('webauthn.get', options, claims);
      const authData = authenticatorData(options, claims);
      return answer(credentialId, {
        clientDataJSON: base64(clientData),
        authenticatorData: base64(authData),
        signature: base64(signature(privateKey, authData, clientData)),
        ...(userHandle === undefined ? {} : { userHandle }),
      });
    },
  };
}

function clientDataOf(
  type: string,
  options: Options,
  { origin, challenge = options.challenge }: Claims,
): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

/** Section 6.1: RP ID hash, flags, counter, and the attested credential. */
function authenticatorData(
  options: Options,
  { rpId = options.rpId ?? options.rp?.id ?? '', counter = 0, verified = true }: Claims,
  attested: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(0x01 | (verified ? 0x04 : 0) | (attested.length > 0 ? 0x40 : 0), 0);
  head.writeUInt32BE(counter, 1);
  return Buffer.concat([sha256(Buffer.from(rpId)), head, attested]);
}

/** Section 6.5.1: AAGUID, the length of the id, the id, and the public key in COSE (RFC 9053 section 7.1.1). */
function attestedData(credentialId: Buffer, publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(credentialId.length);
  const cose = Buffer.concat([
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);
  return Buffer.concat([Buffer.alloc(16), length, credentialId, cose]);
}

/** {"fmt": "none", "attStmt": {}, "authData": …} in CBOR (RFC 8949). */
function attestationObject(authData: Buffer): Buffer {
  const head = Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex');
  return Buffer.concat([head, Buffer.from([authData.length]), authData]);
}

function signature(key: KeyObject, authData: Buffer, clientData: Buffer): Buffer {
  return createSign('sha256').update(authData).update(sha256(clientData)).sign(key);
}

function answer(credentialId: Buffer, response: object): string {
  const id = base64(credentialId);
  return JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });
}

function sha256(octets: Buffer): Buffer {
  return createHash('sha256').update(octets).digest();
}

function base64(octets: Buffer): string {
  return octets.toString('base64url');
}
