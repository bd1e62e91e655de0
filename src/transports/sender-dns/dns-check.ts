/** Who signs mail (DKIM): the mail server, or Paperround with keys of its own. */
export type Signer = 'server' | 'paperround';

/** What a record of the DNS should be, and what it is. */
export type DnsCheck = {
  record: 'mx' | 'spf' | 'dkim' | 'dmarc' | 'ptr' | 'tls' | 'mta-sts';
  /** `TLS` is no record: it is about the connection to a mail server. */
  type: 'MX' | 'TXT' | 'PTR' | 'TLS';
  /** Where it is in the DNS; an address, or a mail server's host. */
  name: string;
  /** `look`: it could not be judged, or is no hindrance. */
  status: 'good' | 'look' | 'bad';
  /** For an operator. */
  sentence: string;
  /** What to publish; null where there is nothing to. */
  expected: string | null;
  found: string[];
};

type Judgement = Pick<DnsCheck, 'status' | 'sentence'> & Partial<Pick<DnsCheck, 'expected' | 'found'>>;

export function toDnsCheck(where: Pick<DnsCheck, 'record' | 'type' | 'name'>, judged: Judgement): DnsCheck {
  return { expected: null, found: [], ...where, ...judged };
}

export function noAnswer(reason: string): Judgement {
  return {
    status: 'look',
    sentence: `The name server did not answer (${reason}), so nobody knows. Look again in a few minutes.`,
  };
}
