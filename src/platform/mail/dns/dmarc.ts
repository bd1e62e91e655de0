import { readTexts, type MailDns } from './records.js';

/**
 * A domain's DMARC policy (RFC 9989). `inherited`: it is that of the organisation's domain, or of the suffix above it.
 * `unused`: tags of it that no longer mean anything.
 */
export type DmarcResult =
  | { kind: 'none' }
  | { kind: 'several'; name: string; records: string[] }
  | { kind: 'broken'; name: string; record: string; reason: string }
  | { kind: 'no-answer'; reason: string }
  | {
      kind: 'policy';
      name: string;
      record: string;
      inherited: boolean;
      /** `assumed`: the record has none, and receivers take it for `none`, since reports are asked for. */
      policy: string;
      assumed: boolean;
      hasReports: boolean;
      unused: string[];
    };

type DmarcRecord = { domain: string; record: string; tags: Map<string, string> };

/** Section 4.10: of a longer name the walk goes on with this many labels. */
const MAX_WALK_LABELS = 7;
const POLICIES = ['none', 'quarantine', 'reject'];
/** Section 4.7 has them no more. */
const REMOVED_TAGS = ['pct', 'rf', 'ri'];

/**
 * Finds the policy that holds for mail from a domain (sections 4.10 and 4.10.1): its own record, else that of the organisation's
 * domain, else that of the public suffix, which the walk up the DNS finds.
 */
export async function checkDmarc(dns: MailDns, domain: string): Promise<DmarcResult> {
  const own = await readDmarc(dns, domain);
  if (own.kind === 'no-answer') return own;
  if (own.records.length > 1)
    return { kind: 'several', name: nameOf(domain), records: own.records.map(({ record }) => record) };
  const [record] = own.records;
  if (record !== undefined) return toResult(record, false);
  const walked = await walkUp(dns, domain);
  if (walked.kind === 'no-answer') return walked;
  const found = organisationRecord(walked.records);
  return found === undefined ? { kind: 'none' } : toResult(found, true);
}

/** The records above a domain, from the longest name to the shortest. A `psd` of y or n ends the walk. */
async function walkUp(
  dns: MailDns,
  domain: string,
): Promise<{ kind: 'records'; records: DmarcRecord[] } | { kind: 'no-answer'; reason: string }> {
  const labels = domain.split('.').slice(1).slice(-MAX_WALK_LABELS);
  const records: DmarcRecord[] = [];
  for (let at = 0; at < labels.length; at++) {
    const found = await readDmarc(dns, labels.slice(at).join('.'));
    if (found.kind === 'no-answer') return found;
    const [record, ...others] = found.records;
    // Several count as none.
    if (record === undefined || others.length > 0) continue;
    records.push(record);
    if (['y', 'n'].includes(record.tags.get('psd') ?? '')) break;
  }
  return { kind: 'records', records };
}

/** Section 4.10.2: the one that says so, the one below a public suffix, else the shortest name; without any, the suffix itself. */
function organisationRecord(records: readonly DmarcRecord[]): DmarcRecord | undefined {
  const last = records.at(-1);
  if (last?.tags.get('psd') !== 'y') return last;
  const labelCount = last.domain.split('.').length;
  return records.find(({ domain }) => domain.split('.').length === labelCount + 1) ?? last;
}

async function readDmarc(
  dns: MailDns,
  domain: string,
): Promise<{ kind: 'records'; records: DmarcRecord[] } | { kind: 'no-answer'; reason: string }> {
  const texts = await readTexts(dns, nameOf(domain));
  if (texts.kind === 'failed') return { kind: 'no-answer', reason: texts.reason };
  const records = texts.found.filter((text) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text));
  return { kind: 'records', records: records.map((record) => ({ domain, record, tags: readTags(record) })) };
}

function nameOf(domain: string): string {
  return `_dmarc.${domain}`;
}

function toResult({ domain, record, tags }: DmarcRecord, inherited: boolean): DmarcResult {
  const name = nameOf(domain);
  const named = (inherited ? tags.get('sp') : undefined) ?? tags.get('p');
  const isKnown = named !== undefined && POLICIES.includes(named);
  const hasReports = /^mailto:./.test(tags.get('rua') ?? '');
  if (!isKnown && !hasReports)
    return { kind: 'broken', name, record, reason: 'p= is none, quarantine or reject' };
  const policy = isKnown ? named : 'none';
  const unused = REMOVED_TAGS.filter((tag) => tags.has(tag));
  return { kind: 'policy', name, record, inherited, policy, assumed: !isKnown, hasReports, unused };
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
