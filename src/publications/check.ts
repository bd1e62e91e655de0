import type { DomainChecks } from '../transports/sender-dns/check-sender-dns.js';
import type { DnsCheck, Signer } from '../transports/sender-dns/dns-check.js';

/** What was found when somebody looked, as proof that a step of the set-up is done. */
export type CheckResults = {
  dns: {
    signer: Signer;
    selector: string | null;
    domains: DomainChecks[];
    /** Of all newsletters here. Absent in what was found by earlier versions. */
    servers?: DnsCheck[];
    /** Null: there is no BOUNCE_DOMAIN. */
    returnPath?: DomainChecks | null;
    /** The last that was known for sure of each, by its key. */
    known?: Record<string, 'good' | 'bad'>;
    /** What was right once and is wrong. */
    worse?: WorseCheck[];
  };
  form: FormCheck;
  /** A mail server took a test in the name of this address. */
  test: { fromAddress: string };
};

/** `since`: ISO 8601, of the look that found it. */
export type WorseCheck = Pick<DnsCheck, 'record' | 'name' | 'sentence' | 'expected'> & {
  key: string;
  title: string;
  since: string;
};

export type CheckKind = keyof CheckResults;

/** `link`: the page leads to our sign-up page and has no form. `reason`: a sentence for an operator. */
export type FormCheck = { url: string } & (
  | { kind: 'found'; how: 'script' | 'form' | 'hosted' }
  | { kind: 'link' }
  | { kind: 'other-newsletter' }
  | { kind: 'none'; title: string | null }
  | { kind: 'unreadable'; reason: string }
);

export type Check<Kind extends CheckKind> = { result: CheckResults[Kind]; checkedAt: Date };

/** Everything that was looked at, under the domain or the server that it is about. */
export function sectionsOf({ domains, servers = [], returnPath = null }: CheckResults['dns']): {
  title: string;
  checks: DnsCheck[];
}[] {
  return [
    ...domains.map(({ domain, checks }) => ({ title: domain, checks })),
    ...(servers.length === 0 ? [] : [{ title: 'Mail servers', checks: servers }]),
    ...(returnPath === null
      ? []
      : [{ title: `Return path: ${returnPath.domain}`, checks: returnPath.checks }]),
  ];
}
