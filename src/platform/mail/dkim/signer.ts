import { hash, sign as signBytes, type KeyObject } from 'node:crypto';
import { hashBody, hashCanonicalBody } from './canonical-body.js';
import { selectSignedHeaders } from './canonical-headers.js';
import type { DkimAlgorithm } from './keys.js';

/** A key that signs: its record is at `selector._domainkey.domain`, both in A-labels. */
export type DkimKey = {
  domain: string;
  selector: string;
  algorithm: DkimAlgorithm;
  privateKey: KeyObject;
};

export type Signer = {
  /**
   * The DKIM-Signature headers to put before a message, one for each key, folded, with CRLF line ends. They have no time, so
   * the same message gets the same signatures when it is sent again.
   * @param headers the header block as it will be sent, in UTF-8, with CRLF line ends
   * @param body what follows the empty line, before leading dots are doubled, with CRLF line ends; chunks may end anywhere
   * @param options `canonical`: the body is in relaxed form already (no blank at the end of a line, no tab, no two blanks in a
   * row, no empty line at the end, a CRLF behind the last line). This is not checked: for another body the signature is wrong
   */
  sign: (headers: string, body: readonly Uint8Array[], options?: { canonical?: boolean }) => string;
};

/**
 * Signs with each of these keys (RFC 6376, RFC 8463): relaxed/relaxed, the whole body, and no second From, Subject and the like
 * can be added (`selectSignedHeaders`).
 */
export function createSigner(keys: readonly DkimKey[]): Signer {
  const makers = keys.map(createSignatureMaker);
  const fold = createHeaderListFolder();
  return {
    sign: (headers, body, { canonical = false } = {}) => {
      const signed = selectSignedHeaders(headers);
      const named = fold(signed.names);
      const bodyHash = canonical ? hashCanonicalBody(body) : hashBody(body);
      return makers.map((make) => make({ text: signed.text, named, bodyHash })).join('');
    },
  };
}

/** A whole message, headers and body with CRLF line ends, with its signatures before it. */
export function signMessage(signer: Signer, raw: Buffer): Buffer {
  const end = raw.indexOf('\r\n\r\n');
  const [head, body] = end < 0 ? [raw, EMPTY_BODY] : [raw.subarray(0, end + 2), raw.subarray(end + 4)];
  return Buffer.concat([Buffer.from(signer.sign(head.toString(), [body])), raw]);
}

const EMPTY_BODY = Buffer.alloc(0);

type SigningInput = { text: string; named: readonly string[]; bodyHash: string };

function createSignatureMaker({
  domain,
  selector,
  algorithm,
  privateKey,
}: DkimKey): (material: SigningInput) => string {
  const opening = [`v=1; a=${algorithm}; c=relaxed/relaxed;`, `d=${domain}; s=${selector};`];
  return ({ text, named, bodyHash }) => {
    const lines = [...opening, ...named, `bh=${bodyHash};`, 'b='];
    // In relaxed form a fold is one space, so the header to sign is made by joining the lines with spaces.
    const signature = computeSignature(`${text}dkim-signature:${lines.join(' ')}`, algorithm, privateKey);
    return `DKIM-Signature: ${lines.join('\r\n ')}${foldBase64(signature.toString('base64'))}\r\n`;
  };
}

/** Ed25519 signs the hash of what RSA signs (RFC 8463 section 3). */
function computeSignature(text: string, algorithm: DkimAlgorithm, key: KeyObject): Buffer {
  if (algorithm === 'rsa-sha256') return signBytes('sha256', Buffer.from(text), key);
  return signBytes(null, hash('sha256', text, 'buffer'), key);
}

/** Folds `h=` into lines. It remembers the last result, since one message after the other mostly has the same headers. */
function createHeaderListFolder(): (names: string) => readonly string[] {
  let last = { names: '', lines: [] as readonly string[] };
  return (names) => {
    if (names !== last.names) last = { names, lines: `h=${names};`.match(/.{1,69}(?:[:;]|$)/g) ?? [] };
    return last.lines;
  };
}

function foldBase64(base64: string): string {
  return (base64.match(/.{1,72}/g) ?? []).join('\r\n ');
}
