import type { Diagnosis } from './diagnosis.js';

/** A row of the table: what to look for, what it means, who says so, and a reply (without its code) that it decides. */
export type BounceRule = {
  diagnosis: Diagnosis;
  /** An enhanced status, the beginning of some that ends in a dot, or 'x.' and the rest of one, permanent or not. */
  status?: string;
  /** In the reply's text in lower case, without addresses and URLs. */
  phrase?: RegExp;
  code?: number;
  source: string;
  example: string;
};

/** @param when a status, a phrase or a code */
export function row(
  diagnosis: Diagnosis,
  when: string | RegExp | number,
  source: string,
  example: string,
): BounceRule {
  if (typeof when === 'string') return { diagnosis, status: when, source, example };
  if (typeof when === 'number') return { diagnosis, code: when, source, example };
  return { diagnosis, phrase: when, source, example };
}

/** Where the rules come from. Words are what the servers named there write. */
export const SOURCES = {
  rfc3463: 'RFC 3463 section 3',
  rfc5321: 'RFC 5321 section 4.2.3',
  rfc7293: 'RFC 7293 section 5',
  exchange:
    'https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online',
  gmail: 'https://support.google.com/a/answer/3726730',
  postfix: 'https://www.postfix.org/postconf.5.html',
  exim: 'https://www.exim.org/exim-html-current/doc/html/spec_html/',
  qmail: 'https://cr.yp.to/proto/qsbmf.txt',
  sendmail: 'https://www.proofpoint.com/us/products/email-protection/open-source-email-solution',
  yahoo: 'https://senders.yahooinc.com/smtp-error-codes/',
  cisco: 'https://www.cisco.com/c/en/us/support/security/email-security-appliance/series.html',
  ses: 'https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html',
  domino: 'https://help.hcl-software.com/domino/',
  spamhaus: 'https://www.spamhaus.org',
  bounces: 'https://github.com/sisimai/set-of-emails',
} as const;
