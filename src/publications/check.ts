import type { DomainChecks } from '../transports/sender-dns/check-sender-dns.js';
import type { Signer } from '../transports/sender-dns/dns-check.js';

/** What was found when somebody looked, as proof that a step of the set-up is done. */
export type CheckResults = {
  dns: { signer: Signer; selector: string | null; domains: DomainChecks[] };
  form: FormCheck;
  /** A mail server took a test in the name of this address. */
  test: { fromAddress: string };
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
