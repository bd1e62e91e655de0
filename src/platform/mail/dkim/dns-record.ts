import type { DkimAlgorithm } from './keys.js';

/** The TXT record that publishes a key, in the forms that DNS hosts ask for. */
export type DkimRecord = {
  name: string;
  /** For a form with one field. */
  value: string;
  /** `value` in the strings that a TXT record consists of, of at most 255 bytes each (RFC 1035 section 3.3.14). */
  strings: string[];
  /** A line for a zone file. */
  zone: string;
};

type PublicKey = { domain: string; selector: string; algorithm: DkimAlgorithm; publicKey: string };

/** The record of a key (RFC 6376 section 3.6.1). */
export function formatDkimRecord({ domain, selector, algorithm, publicKey }: PublicKey): DkimRecord {
  const name = `${selector}._domainkey.${domain}`;
  const value = `v=DKIM1; k=${keyType(algorithm)}; p=${publicKey}`;
  const strings = value.match(/.{1,255}/g) ?? [];
  const quoted = strings.map((part) => `"${part}"`).join(' ');
  return {
    name,
    value,
    strings,
    zone: `${name}. 3600 IN TXT ${strings.length > 1 ? `( ${quoted} )` : quoted}`,
  };
}

/** What the DNS has for the name of a record. */
export type RecordLookupResult =
  | { kind: 'published' }
  | { kind: 'missing' }
  /** Another record, or several, with which the result is undefined (RFC 6376 section 3.6.2.2). */
  | { kind: 'different'; found: string[] }
  | { kind: 'no-answer'; reason: string };

/** `resolveTxt` of node:dns/promises, or of a Resolver with name servers of its own. */
export type ResolveTxt = (name: string) => Promise<string[][]>;

/** Looks up whether the DNS has the record of this key. */
export async function lookUpDkimRecord(resolveTxt: ResolveTxt, key: PublicKey): Promise<RecordLookupResult> {
  try {
    const found = (await resolveTxt(formatDkimRecord(key).name)).map((strings) => strings.join(''));
    if (found.length === 0) return { kind: 'missing' };
    const [only = '', ...others] = found;
    return others.length === 0 && publishesKey(only, key)
      ? { kind: 'published' }
      : { kind: 'different', found };
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return code === 'ENOTFOUND' || code === 'ENODATA'
      ? { kind: 'missing' }
      : { kind: 'no-answer', reason: code };
  }
}

/** Compares version, type and key; the tags may be in any order, with blanks between them (RFC 6376 section 3.2). */
function publishesKey(record: string, { algorithm, publicKey }: PublicKey): boolean {
  const tags = new Map(record.split(';').map(splitTag));
  const { v = 'DKIM1', k = 'rsa', p } = Object.fromEntries(tags);
  return v === 'DKIM1' && k === keyType(algorithm) && p === publicKey;
}

function splitTag(tag: string): [string, string] {
  const at = tag.indexOf('=');
  return [tag.slice(0, Math.max(0, at)).trim(), tag.slice(at + 1).replace(/\s/g, '')];
}

function keyType(algorithm: DkimAlgorithm): string {
  return algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519';
}
