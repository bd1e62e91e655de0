import { parseAddress } from '../address.js';
import { COMMON_DOMAINS, isWellKnownMailDomain, SHORT_DOMAINS } from './common-mail-domains.js';
import { COM_ALONE, countShortNameTypos, countTypos, splitDomain } from './count-typos.js';

// Prepared once, for every form needs them.
const byLetters = new Map(COMMON_DOMAINS.toReversed().map((common) => [withoutDots(common), common]));
const commonParts = COMMON_DOMAINS.map((common) => ({ common, parts: splitDomain(common) }));
const shortParts = SHORT_DOMAINS.map((common) => ({ common, parts: splitDomain(common) }));

/**
 * The address that was probably meant, when its domain is a near miss of a common mail domain: something to ask, never to
 * correct. Undefined for every domain that is, or may well be, one of its own.
 * @param email a parsed address: its domain in A-labels, in lower case
 */
export function suggestAddress(email: string): string | undefined {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1);
  if (isWellKnownMailDomain(domain)) return undefined;
  const meant = meantDomain(domain);
  return meant === undefined ? undefined : `${email.slice(0, at)}@${meant}`;
}

/**
 * The address that was probably meant by one that is none: `name@gmail,com`, `name@@gmail.com`, `name@gmailcom`, `name@gmail`,
 * `mailto:name@gmail.com`. Only at a common mail domain, since nothing else shows that it is repaired.
 */
export function repairAddress(typed: string): string | undefined {
  const [, local = '', written = ''] = /^(?:mailto:)?([^@]+)@+([^@]+)$/i.exec(typed.trim()) ?? [];
  // Marks around a domain are slips, and within it they stand for dots.
  const domain = written
    .toLowerCase()
    .replaceAll(/^[^a-z\d]+|[^a-z\d]+$/g, '')
    .replaceAll(/[,;:]/g, '.');
  const known = isWellKnownMailDomain(domain) ? domain : meantDomain(domain);
  const meant = known ?? (COM_ALONE.has(domain) ? `${domain}.com` : '');
  const repaired = parseAddress(`${local}@${meant}`);
  return repaired.kind === 'address' ? repaired.address.email : undefined;
}

function meantDomain(domain: string): string | undefined {
  return byLetters.get(withoutDots(domain)) ?? closestDomain(domain);
}

/** gmail.c.om and gmailc.om have the letters of gmail.com, with the dot elsewhere. */
function withoutDots(domain: string): string {
  return domain.replaceAll('.', '');
}

function closestDomain(domain: string): string | undefined {
  const typed = splitDomain(domain);
  const candidates = [
    ...commonParts.map(({ common, parts }) => ({ common, typos: countTypos(typed, parts) })),
    ...shortParts.map(({ common, parts }) => ({ common, typos: countShortNameTypos(typed, parts) })),
  ];
  const near = candidates.filter(({ typos }) => typos !== undefined);
  return near.sort((one, other) => (one.typos ?? 0) - (other.typos ?? 0))[0]?.common;
}
