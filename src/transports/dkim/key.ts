import { domainToASCII } from 'node:url';
import type { DkimAlgorithm } from '../../platform/mail/dkim/keys.js';

/** A key of a domain. It waits while its record is being published, then signs, then is retired. */
export type StoredDkimKey = {
  id: string;
  domain: string;
  selector: string;
  algorithm: DkimAlgorithm;
  publicKey: string;
  createdAt: Date;
  signsFrom: Date | null;
  retiredAt: Date | null;
};

export type DkimKeyState = 'waiting' | 'signing' | 'retired';

export function dkimKeyState({
  signsFrom,
  retiredAt,
}: Pick<StoredDkimKey, 'signsFrom' | 'retiredAt'>): DkimKeyState {
  if (retiredAt !== null) return 'retired';
  return signsFrom === null ? 'waiting' : 'signing';
}

/** The name under which the private half is stored, encrypted. */
export function dkimSecretName(id: string): string {
  return `dkim:${id}`;
}

/**
 * A selector that shows product, month and kind of key: `pr-2026-11-rsa`, and `pr-2026-11-rsa-2` for the second of a month.
 * @param taken selectors the domain has or had: their records may be cached, so none is used again
 */
export function nextSelector(algorithm: DkimAlgorithm, now: Date, taken: readonly string[]): string {
  const kind = algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519';
  const stem = `pr-${now.toISOString().slice(0, 7)}-${kind}`;
  for (let count = 1; ; count += 1) {
    const selector = count === 1 ? stem : `${stem}-${count}`;
    if (!taken.includes(selector)) return selector;
  }
}

/** A mail domain as `d=` of a signature has it: lower case, in A-labels. Undefined when it is no domain. */
export function normalizeSigningDomain(text: string): string | undefined {
  const domain = domainToASCII(text.trim().toLowerCase()).replace(/\.$/, '');
  const isDomain =
    domain.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(domain);
  return isDomain ? domain : undefined;
}
