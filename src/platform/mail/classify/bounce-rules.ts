import type { Diagnosis } from './diagnosis.js';

/** A row of the table: what to look for, what it means, who says so, and a reply (without its code) that it decides. */
export type BounceRule = {
  diagnosis: Diagnosis;
  /** An enhanced status, or the beginning of some that ends in a dot. */
  status?: string;
  /** In the reply's text in lower case, without addresses and URLs. */
  phrase?: RegExp;
  code?: number;
  source: string;
  example: string;
};

const RFC3463 = 'RFC 3463 section 3';
const RFC5321 = 'RFC 5321 section 4.2.3';
const EXCHANGE =
  'https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online';
const GMAIL = 'https://support.google.com/a/answer/3726730';
const POSTFIX = 'https://www.postfix.org/postconf.5.html';
const EXIM = 'https://www.exim.org/exim-html-current/doc/html/spec_html/';
const YAHOO = 'https://senders.yahooinc.com/smtp-error-codes/';
const SES = 'https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html';

// Statuses that say whose policy it is, although the words beside them name the sender.
const POLICY_STATUSES = [
  row('refused-by-mailbox', '5.7.124', EXCHANGE, '5.7.124 Sender not in allowed-senders list'),
  row('refused-by-mailbox', '5.7.129', EXCHANGE, '5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission'),
  row('refused-by-mailbox', '5.7.133', EXCHANGE, '5.7.133 Sender not authenticated for group'),
  row('refused-by-mailbox', '5.7.134', EXCHANGE, '5.7.134 Sender not authenticated for mailbox'),
  row('closed-mailbox', '5.7.17', 'RFC 7293 section 5', '5.7.17 Mailbox owner has changed'),
  row('unknown-domain', '5.7.18', 'RFC 7293 section 5', '5.7.18 Domain owner has changed'),
];

/** Words about the rate: how servers ask to slow down, with any code. */
const RATE_WORDS = [
  row(
    'too-much',
    /too many (invalid |bad |unknown )?(recipients|addresses)/,
    POSTFIX,
    '5.1.1 Too many recipients this hour',
  ),
  row(
    'too-much',
    /too many (messages|connections|e-?mails|mails|errors|concurrent)/,
    POSTFIX,
    '5.1.1 Too many messages',
  ),
  row(
    'too-much',
    /rate[ -]?limit|\b(sending|delivery|message) rate\b/,
    SES,
    '5.1.1 Rate limit exceeded for this domain',
  ),
  row('too-much', /throttl/, SES, '5.3.0 Throttling failure: Maximum sending rate exceeded'),
  row(
    'too-much',
    /(daily|hourly|sending|message) (quota|limit) (is |was |has been )?(exceeded|reached)/,
    SES,
    '5.1.1 Daily message quota exceeded',
  ),
  row(
    'too-much',
    /receiving mail (at a rate|too)/,
    GMAIL,
    '5.2.1 The user you are trying to contact is receiving mail at a rate that',
  ),
];

/** A server that signs mail itself, as Amazon SES can, and got mail that we had signed. */
const SIGNED_TWICE = row(
  'bad-session',
  /duplicate header '?dkim-signature/,
  SES,
  "Transaction failed: Duplicate header 'DKIM-Signature'.",
);

const SENDER_WORDS = [
  SIGNED_TWICE,
  row(
    'refused-sender',
    /spamhaus|spamcop|barracuda|dnsbl|\brbl\b|surbl/,
    'https://www.spamhaus.org',
    '5.1.1 Refused: listed at zen.spamhaus.org',
  ),
  row(
    'refused-sender',
    /(black|block|deny)[ -]?list|blocked using|reputation/,
    POSTFIX,
    '5.1.1 Blocked using an RBL',
  ),
  row(
    'refused-sender',
    /\byour (ip|server|host|domain|mail server)\b/,
    RFC5321,
    '5.1.1 Your host is not welcome',
  ),
  row('refused-sender', /\bsender\b|client host|\bhelo\b|\behlo\b/, POSTFIX, '5.1.1 Sender verify failed'),
  row('refused-sender', /\b(spf|dkim|dmarc)\b/, 'RFC 7601', '5.1.1 Refused by DMARC'),
  row(
    'bad-session',
    /relay(ing)? (is )?(not permitted|access denied|denied|prohibited)/,
    POSTFIX,
    '5.1.1 Relaying denied',
  ),
  row(
    'bad-session',
    /authentication (is )?required|must authenticate|starttls/,
    'RFC 4954 section 6',
    '5.1.1 Authentication required',
  ),
  row(
    'bad-session',
    /bad sequence|command (rejected|not)|syntax error|unrecognized command/,
    RFC5321,
    '5.1.1 Bad sequence of commands',
  ),
];

const RECIPIENT_POLICY_WORDS = [
  row(
    'refused-by-mailbox',
    /recipient(s|'s)? preferences?/,
    YAHOO,
    '5.1.1 Message refused due to recipient preferences',
  ),
];

const SENDER_STATUSES = [
  row(
    'refused-sender',
    '5.7.',
    RFC3463,
    '5.7.515 Access denied, sending domain does not meet the required authentication level',
  ),
];

/** Says itself that it passes. */
const PASSING_WORDS = [
  row(
    'mailbox-unavailable',
    /try (again|it) later|retry later|temporar/,
    RFC5321,
    '5.2.1 Mailbox temporarily disabled',
  ),
];

const STATUSES = [
  row('unknown-address', '5.1.1', RFC3463, '5.1.1 Requested action not taken: mailbox unavailable'),
  row('unknown-domain', '5.1.2', RFC3463, '5.1.2 Bad destination system address'),
  row('unknown-address', '5.1.3', RFC3463, '5.1.3 Bad destination mailbox address syntax'),
  row('closed-mailbox', '5.1.6', RFC3463, '5.1.6 Mailbox has moved, no forwarding address'),
  row('unknown-address', '5.1.10', EXCHANGE, '5.1.10 RESOLVER.ADR.RecipientNotFound'),
  row('closed-mailbox', '5.2.1', RFC3463, '5.2.1 Mailbox disabled, not accepting messages'),
  row('unknown-domain', '5.4.310', EXCHANGE, '5.4.310 DNS domain does not exist'),
  row('full-mailbox', '5.2.2', RFC3463, "5.2.2 The recipient's inbox is out of storage space and inactive"),
  row('refused-by-mailbox', '5.2.3', RFC3463, '5.2.3 Message length exceeds administrative limit'),
  row('server-trouble', '5.2.4', RFC3463, '5.2.4 Mailing list expansion problem'),
  row('full-server', '5.3.1', RFC3463, '5.3.1 Mail system full'),
  row('server-trouble', '5.3.2', RFC3463, '5.3.2 System not accepting network messages'),
];

/** Beside a status that says nothing, or none. A domain that is gone first: its words are the clearer ones. */
const OTHER_WORDS = [
  row(
    'unknown-domain',
    /(host|domain)( or domain)?( name)?( is)? (not found|unknown|not reachable|unreachable|invalid)/,
    POSTFIX,
    '5.4.4 Host unknown',
  ),
  row(
    'unknown-domain',
    /(unknown|no such|nonexistent|non-existent) (host|domain)|nxdomain|domain lookup failed/,
    POSTFIX,
    '5.4.4 No such domain',
  ),
  row(
    'unknown-domain',
    /domain (does not|doesn't) (exist|accept mail)|null mx/,
    'RFC 7505',
    '5.4.4 Domain does not exist',
  ),
  row(
    'full-mailbox',
    /over ?quota|quota (is )?exceeded|exceeded (its |the )?(storage|quota)/,
    EXIM,
    'Mailbox is full (quota exceeded)',
  ),
  row('full-mailbox', /(mailbox|inbox|account)( is)? (over ?)?full|out of storage/, GMAIL, 'Mailbox full'),
  row('full-server', /insufficient (disk|storage|system)/, RFC5321, '5.5.0 Insufficient system storage'),
  row(
    'mailbox-unavailable',
    /recipient address rejected: access denied/,
    EXCHANGE,
    '5.4.1 Recipient address rejected: Access denied.',
  ),
  row('unknown-address', /no such (user|recipient|mailbox|person|address)/, EXIM, 'No Such User Here'),
  row(
    'unknown-address',
    /(user|recipient|mailbox|account|address)( name| address)?( is)? (unknown|not found|disabled|invalid|inactive)/,
    POSTFIX,
    '5.0.0 Recipient address rejected: User unknown',
  ),
  row(
    'unknown-address',
    /(unknown|invalid|unrouteable|nonexistent) (user|recipient|mailbox|address|local)/,
    EXIM,
    'Unrouteable address',
  ),
  row(
    'unknown-address',
    /(does not|doesn't) exist|doesn't have an? \S+ account/,
    YAHOO,
    "delivery error: dd This user doesn't have a yahoo.com account",
  ),
  row(
    'closed-mailbox',
    /no mailbox here|mailbox is disabled|not a valid (user|mailbox|recipient)/,
    RFC5321,
    '5.5.0 Not a valid mailbox',
  ),
  row(
    'mailbox-unavailable',
    /mailbox unavailable/,
    RFC5321,
    '5.5.0 Requested action not taken: mailbox unavailable',
  ),
];

const CODES = [row('unknown-domain', 556, 'RFC 7504 section 4', 'Requested action not taken')];

/** Words about rate, session or sender come before the status, because servers put them beside any status. */
const RULES_BESIDE_ANY_STATUS: readonly BounceRule[] = [
  ...POLICY_STATUSES,
  ...RATE_WORDS,
  ...SENDER_WORDS,
  ...RECIPIENT_POLICY_WORDS,
  ...SENDER_STATUSES,
  ...PASSING_WORDS,
  ...STATUSES,
];
/** A telling status comes before vague words, and the code alone comes last. */
const RULES_WITHOUT_STATUS: readonly BounceRule[] = [...OTHER_WORDS, ...CODES];

/** In the order in which they are asked; the first that applies decides. */
export const BOUNCE_RULES: readonly BounceRule[] = [...RULES_BESIDE_ANY_STATUS, ...RULES_WITHOUT_STATUS];

/** "Other or undefined" (x.x.0), and what a directory could not route, say nothing: the words beside them do. */
const UNTELLING_STATUS = /\.0$|^5\.4\.[14]$/;

/**
 * What is the matter, by the first rule that applies. What no rule knows is 'unknown', and about us: giving up a reader for it
 * could not be undone.
 * @param text what it says, from `normalizedText`
 */
export function diagnose(failure: { code?: number; status?: string; text: string }): Diagnosis {
  const { status } = failure;
  const isTelling = status !== undefined && !UNTELLING_STATUS.test(status);
  const rules = isTelling ? RULES_BESIDE_ANY_STATUS : BOUNCE_RULES;
  return rules.find((rule) => applies(rule, failure))?.diagnosis ?? 'unknown';
}

/**
 * Whether a reply of any code asks us to slow down.
 * @param text what it says, from `normalizedText`
 */
export function saysTooMuch(text: string): boolean {
  return RATE_WORDS.some(({ phrase }) => phrase?.test(text) === true);
}

/**
 * Whether a reply of any code complains of two DKIM signatures: `rewrites=true` of SMTP_URL mends it.
 * @param text what it says, from `normalizedText`
 */
export function saysSignedTwice(text: string): boolean {
  return SIGNED_TWICE.phrase?.test(text) === true;
}

/**
 * Whether Amazon SES refuses a sender that nobody has verified there, or, in its sandbox, a recipient
 * (https://repost.aws/knowledge-center/ses-554-400-message-rejected-error).
 * @param text what it says, from `normalizedText`
 */
export function saysUnverified(text: string): boolean {
  return /email address is not verified/.test(text);
}

function applies(rule: BounceRule, { code, status, text }: Parameters<typeof diagnose>[0]): boolean {
  if (rule.phrase !== undefined) return rule.phrase.test(text);
  if (rule.status === undefined) return rule.code === code;
  return rule.status.endsWith('.') ? status?.startsWith(rule.status) === true : status === rule.status;
}

function row(of: Diagnosis, when: string | RegExp | number, source: string, example: string): BounceRule {
  if (typeof when === 'string') return { diagnosis: of, status: when, source, example };
  if (typeof when === 'number') return { diagnosis: of, code: when, source, example };
  return { diagnosis: of, phrase: when, source, example };
}
