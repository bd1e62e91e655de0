import { readTexts, type MailDns } from './records.js';

/** A domain's DMARC policy (RFC 7489). `inherited`: it is that of a parent domain. */
export type DmarcResult =
  | { kind: 'none' }
  | { kind: 'several'; name: string; records: string[] }
  | { kind: 'broken'; name: string; record: string; reason: string }
  | { kind: 'no-answer'; reason: string }
  | { kind: 'policy'; name: string; record: string; inherited: boolean; policy: string; hasReports: boolean };

/** A name has at most 127 labels, and no organisation that many. */
const MAX_PARENTS = 8;

/**
 * Looks for the policy at `_dmarc.` of the domain, then of its parents (section 6.6.3). Which of those is the organisation's
 * domain a list of public suffixes would tell; without one each is asked that has a dot.
 */
export async function checkDmarc(dns: MailDns, domain: string): Promise<DmarcResult> {
  const labels = domain.split('.');
  const names = labels.slice(0, Math.max(1, labels.length - 1)).map((_, at) => labels.slice(at).join('.'));
  for (const parent of names.slice(0, MAX_PARENTS)) {
    const found = await readPolicy(dns, `_dmarc.${parent}`, parent !== domain);
    if (found.kind !== 'none') return found;
  }
  return { kind: 'none' };
}

async function readPolicy(dns: MailDns, name: string, inherited: boolean): Promise<DmarcResult> {
  const texts = await readTexts(dns, name);
  if (texts.kind === 'failed') return { kind: 'no-answer', reason: texts.reason };
  const records = texts.found.filter((text) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text));
  const [record, ...others] = records;
  if (record === undefined) return { kind: 'none' };
  if (others.length > 0) return { kind: 'several', name, records };
  const tags = readTags(record);
  const policy = (inherited ? tags.get('sp') : undefined) ?? tags.get('p');
  if (policy === undefined || !['none', 'quarantine', 'reject'].includes(policy))
    return { kind: 'broken', name, record, reason: 'p= is none, quarantine or reject' };
  return { kind: 'policy', name, record, inherited, policy, hasReports: tags.has('rua') };
}

function readTags(record: string): Map<string, string> {
  return new Map(
    record.split(';').map((tag) => {
      const at = tag.indexOf('=');
      return [
        tag.slice(0, Math.max(0, at)).trim().toLowerCase(),
        tag
          .slice(at + 1)
          .trim()
          .toLowerCase(),
      ];
    }),
  );
}
