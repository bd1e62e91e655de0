import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { DkimKey } from '../../../../src/platform/mail/dkim/signer.js';
import {
  generateDkimKey,
  importPrivateKey,
  type DkimAlgorithm,
} from '../../../../src/platform/mail/dkim/keys.js';
import { formatDkimRecord } from '../../../../src/platform/mail/dkim/dns-record.js';

/** What the DNS would answer, by name. */
export type DnsZone = Map<string, string[]>;

/** Checks a message with an independent implementation. Returns the result of each signature, in their order. */
export async function verifySignatures(raw: Buffer | string, zone: DnsZone): Promise<string[]> {
  const { results } = await dkimVerify(Buffer.from(raw), {
    resolver: async (name: string, type: string) => {
      const strings = zone.get(name);
      if (type !== 'TXT' || strings === undefined)
        throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
      return [strings];
    },
  });
  return results.map(({ status }) => status.result);
}

/** A key, and its record in the zone. */
export async function publishKey(zone: DnsZone, domain: string, algorithm: DkimAlgorithm): Promise<DkimKey> {
  const { privateKey, publicKey } = await generateDkimKey(algorithm);
  const selector = `pr-${algorithm.split('-')[0]}`;
  const { name, strings } = formatDkimRecord({ domain, selector, algorithm, publicKey });
  zone.set(name, strings);
  return { domain, selector, algorithm, privateKey: importPrivateKey(privateKey) };
}
