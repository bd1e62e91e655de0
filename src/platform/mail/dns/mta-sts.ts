import { readTexts, type MailDns } from './records.js';

/** What a domain asks of servers that send to it (RFC 8461). */
export type MtaStsPolicy = { mode: 'enforce' | 'testing' | 'none'; mx: string[] };

/** `several`: then none counts (section 3.1). */
export type MtaStsRecord =
  | { kind: 'none' }
  | { kind: 'record'; record: string }
  | { kind: 'several' | 'broken'; records: string[] }
  | { kind: 'no-answer'; reason: string };

/** Section 3.1: the record that says there is a policy. */
export async function readMtaStsRecord(dns: MailDns, domain: string): Promise<MtaStsRecord> {
  const texts = await readTexts(dns, `_mta-sts.${domain}`);
  if (texts.kind === 'failed') return { kind: 'no-answer', reason: texts.reason };
  const records = texts.found.filter((text) => text.startsWith('v=STSv1;'));
  const [record, ...others] = records;
  if (record === undefined) return { kind: 'none' };
  if (others.length > 0) return { kind: 'several', records };
  return /;\s*id=[a-z0-9]{1,32}\s*(;|$)/i.test(record)
    ? { kind: 'record', record }
    : { kind: 'broken', records };
}

export function mtaStsPolicyUrl(domain: string): string {
  return `https://mta-sts.${domain}/.well-known/mta-sts.txt`;
}

/** Section 3.2. Undefined: no server can use it. */
export function parseMtaStsPolicy(text: string): MtaStsPolicy | undefined {
  const fields = text
    .split(/\r?\n/)
    .map((line) => /^([a-z_]+):\s*(\S+)\s*$/.exec(line))
    .flatMap((found) => (found === null ? [] : [{ key: found[1] ?? '', value: found[2] ?? '' }]));
  const valuesOf = (name: string) => fields.filter(({ key }) => key === name).map(({ value }) => value);
  const mode = (['enforce', 'testing', 'none'] as const).find((one) => one === valuesOf('mode')[0]);
  const mx = valuesOf('mx').map((pattern) => pattern.toLowerCase());
  const isWhole = valuesOf('version')[0] === 'STSv1' && /^\d{1,10}$/.test(valuesOf('max_age')[0] ?? '');
  if (mode === undefined || !isWhole || (mx.length === 0 && mode !== 'none')) return undefined;
  return { mode, mx };
}

/** Section 4.1: `*.` stands for exactly one label. */
export function isAllowedMx({ mx }: Pick<MtaStsPolicy, 'mx'>, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return mx.some((pattern) =>
    pattern.startsWith('*.') ? name.slice(name.indexOf('.')) === pattern.slice(1) : name === pattern,
  );
}
