import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { DkimKey } from '../../../src/platform/mail/dkim.js';
import { generateDkimKey, openPrivateKey, type DkimAlgorithm } from '../../../src/platform/mail/dkim-keys.js';
import { dkimRecord } from '../../../src/platform/mail/dkim-record.js';

/** What the DNS would answer, by name. */
export type Zone = Map<string, string[]>;

/** Checks a message with somebody else's implementation: the result of each signature, in their order. */
export async function verdicts(raw: Buffer | string, zone: Zone): Promise<string[]> {
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
export async function publishedKey(zone: Zone, domain: string, algorithm: DkimAlgorithm): Promise<DkimKey> {
  const { privateKey, publicKey } = await generateDkimKey(algorithm);
  const selector = `pr-${algorithm.split('-')[0]}`;
  const { name, strings } = dkimRecord({ domain, selector, algorithm, publicKey });
  zone.set(name, strings);
  return { domain, selector, algorithm, privateKey: openPrivateKey(privateKey) };
}
