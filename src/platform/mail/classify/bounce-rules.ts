/** What a 5xx reply to a recipient or to a message is about. */
export type BounceClass =
  /** The address is bad for good. */
  | 'bad-address'
  /** The mailbox cannot take it now, or the reply is not certain enough to give the reader up. */
  | 'mailbox-state'
  /** This mailbox takes no mail from us, whatever we do. */
  | 'recipient-policy'
  /** Too much at once: later it may pass. */
  | 'rate'
  /** Our server, our domain, our message or our side of the session. */
  | 'sender';

/** A row of the table: what to look for, what it means, who says so, and a reply (without its code) that it decides. */
export type BounceRule = {
  class: BounceClass;
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
  row('recipient-policy', '5.7.124', EXCHANGE, '5.7.124 Sender not in allowed-senders list'),
  row('recipient-policy', '5.7.129', EXCHANGE, '5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission'),
  row('recipient-policy', '5.7.133', EXCHANGE, '5.7.133 Sender not authenticated for group'),
  row('recipient-policy', '5.7.134', EXCHANGE, '5.7.134 Sender not authenticated for mailbox'),
  row('bad-address', '5.7.17', 'RFC 7293 section 5', '5.7.17 Mailbox owner has changed'),
  row('bad-address', '5.7.18', 'RFC 7293 section 5', '5.7.18 Domain owner has changed'),
];

/** Words about the rate: how servers ask to slow down, with any code. */
const RATE_WORDS = [
  row(
    'rate',
    /too many (invalid |bad |unknown )?(recipients|addresses)/,
    POSTFIX,
    '5.1.1 Too many recipients this hour',
  ),
  row(
    'rate',
    /too many (messages|connections|e-?mails|mails|errors|concurrent)/,
    POSTFIX,
    '5.1.1 Too many messages',
  ),
  row(
    'rate',
    /rate[ -]?limit|\b(sending|delivery|message) rate\b/,
    SES,
    '5.1.1 Rate limit exceeded for this domain',
  ),
  row('rate', /throttl/, SES, '5.3.0 Throttling failure: Maximum sending rate exceeded'),
  row(
    'rate',
    /(daily|hourly|sending|message) (quota|limit) (is |was |has been )?(exceeded|reached)/,
    SES,
    '5.1.1 Daily message quota exceeded',
  ),
  row(
    'rate',
    /receiving mail (at a rate|too)/,
    GMAIL,
    '5.2.1 The user you are trying to contact is receiving mail at a rate that',
  ),
];

/** A server that signs mail itself, as Amazon SES can, and got mail that we had signed. */
const SIGNED_TWICE = row(
  'sender',
  /duplicate header '?dkim-signature/,
  SES,
  "Transaction failed: Duplicate header 'DKIM-Signature'.",
);

const SENDER_WORDS = [
  SIGNED_TWICE,
  row(
    'sender',
    /spamhaus|spamcop|barracuda|dnsbl|\brbl\b|surbl/,
    'https://www.spamhaus.org',
    '5.1.1 Refused: listed at zen.spamhaus.org',
  ),
  row(
    'sender',
    /(black|block|deny)[ -]?list|blocked using|reputation/,
    POSTFIX,
    '5.1.1 Blocked using an RBL',
  ),
  row('sender', /\byour (ip|server|host|domain|mail server)\b/, RFC5321, '5.1.1 Your host is not welcome'),
  row('sender', /\bsender\b|client host|\bhelo\b|\behlo\b/, POSTFIX, '5.1.1 Sender verify failed'),
  row('sender', /\b(spf|dkim|dmarc)\b/, 'RFC 7601', '5.1.1 Refused by DMARC'),
  row(
    'sender',
    /relay(ing)? (is )?(not permitted|access denied|denied|prohibited)/,
    POSTFIX,
    '5.1.1 Relaying denied',
  ),
  row(
    'sender',
    /authentication (is )?required|must authenticate|starttls/,
    'RFC 4954 section 6',
    '5.1.1 Authentication required',
  ),
  row(
    'sender',
    /bad sequence|command (rejected|not)|syntax error|unrecognized command/,
    RFC5321,
    '5.1.1 Bad sequence of commands',
  ),
];

const RECIPIENT_POLICY_WORDS = [
  row(
    'recipient-policy',
    /recipient(s|'s)? preferences?/,
    YAHOO,
    '5.1.1 Message refused due to recipient preferences',
  ),
];

const SENDER_STATUSES = [
  row(
    'sender',
    '5.7.',
    RFC3463,
    '5.7.515 Access denied, sending domain does not meet the required authentication level',
  ),
];

/** Says itself that it passes. */
const PASSING_WORDS = [
  row(
    'mailbox-state',
    /try (again|it) later|retry later|temporar/,
    RFC5321,
    '5.2.1 Mailbox temporarily disabled',
  ),
];

const STATUSES = [
  row('bad-address', '5.1.1', RFC3463, '5.1.1 Requested action not taken: mailbox unavailable'),
  row('bad-address', '5.1.2', RFC3463, '5.1.2 Bad destination system address'),
  row('bad-address', '5.1.3', RFC3463, '5.1.3 Bad destination mailbox address syntax'),
  row('bad-address', '5.1.6', RFC3463, '5.1.6 Mailbox has moved, no forwarding address'),
  row('bad-address', '5.1.10', 'RFC 7505 section 4.2', '5.1.10 Recipient address has null MX'),
  row('bad-address', '5.2.1', RFC3463, '5.2.1 Mailbox disabled, not accepting messages'),
  row('bad-address', '5.4.310', EXCHANGE, '5.4.310 DNS domain does not exist'),
  row('mailbox-state', '5.2.2', RFC3463, "5.2.2 The recipient's inbox is out of storage space and inactive"),
  row('recipient-policy', '5.2.3', RFC3463, '5.2.3 Message length exceeds administrative limit'),
  row('mailbox-state', '5.2.4', RFC3463, '5.2.4 Mailing list expansion problem'),
  row('mailbox-state', '5.3.1', RFC3463, '5.3.1 Mail system full'),
  row('mailbox-state', '5.3.2', RFC3463, '5.3.2 System not accepting network messages'),
];

/** Beside a status that says nothing, or none. A domain that is gone first: its words are the clearer ones. */
const OTHER_WORDS = [
  row(
    'bad-address',
    /(host|domain)( or domain)?( name)?( is)? (not found|unknown|not reachable|unreachable|invalid)/,
    POSTFIX,
    '5.4.4 Host unknown',
  ),
  row(
    'bad-address',
    /(unknown|no such|nonexistent|non-existent) (host|domain)|nxdomain|domain lookup failed/,
    POSTFIX,
    '5.4.4 No such domain',
  ),
  row(
    'bad-address',
    /domain (does not|doesn't) (exist|accept mail)|null mx/,
    'RFC 7505',
    '5.4.4 Domain does not exist',
  ),
  row(
    'mailbox-state',
    /over ?quota|quota (is )?exceeded|exceeded (its |the )?(storage|quota)/,
    EXIM,
    'Mailbox is full (quota exceeded)',
  ),
  row('mailbox-state', /(mailbox|inbox|account)( is)? (over ?)?full|out of storage/, GMAIL, 'Mailbox full'),
  row('mailbox-state', /insufficient (disk|storage|system)/, RFC5321, '5.5.0 Insufficient system storage'),
  row(
    'mailbox-state',
    /recipient address rejected: access denied/,
    EXCHANGE,
    '5.4.1 Recipient address rejected: Access denied.',
  ),
  row('bad-address', /no such (user|recipient|mailbox|person|address)/, EXIM, 'No Such User Here'),
  row(
    'bad-address',
    /(user|recipient|mailbox|account|address)( name| address)?( is)? (unknown|not found|disabled|invalid|inactive)/,
    POSTFIX,
    '5.0.0 Recipient address rejected: User unknown',
  ),
  row(
    'bad-address',
    /(unknown|invalid|unrouteable|nonexistent) (user|recipient|mailbox|address|local)/,
    EXIM,
    'Unrouteable address',
  ),
  row(
    'bad-address',
    /(does not|doesn't) exist|doesn't have an? \S+ account/,
    YAHOO,
    "delivery error: dd This user doesn't have a yahoo.com account",
  ),
  row(
    'bad-address',
    /no mailbox here|mailbox is disabled|not a valid (user|mailbox|recipient)/,
    RFC5321,
    '5.5.0 Not a valid mailbox',
  ),
  row(
    'mailbox-state',
    /mailbox unavailable/,
    RFC5321,
    '5.5.0 Requested action not taken: mailbox unavailable',
  ),
];

const CODES = [row('bad-address', 556, 'RFC 7504 section 4', 'Requested action not taken')];

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
 * What a 5xx reply to RCPT or to the final dot is about. What no rule knows is about the sender: giving up a reader for it
 * could not be undone.
 * @param text what it says, from `normalizedText`
 */
export function classifyBounce(reply: {
  code: number;
  status: string | undefined;
  text: string;
}): BounceClass {
  const { status } = reply;
  const isTelling = status !== undefined && !UNTELLING_STATUS.test(status);
  const rules = isTelling ? RULES_BESIDE_ANY_STATUS : BOUNCE_RULES;
  return rules.find((rule) => applies(rule, reply))?.class ?? 'sender';
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

function applies(rule: BounceRule, { code, status, text }: Parameters<typeof classifyBounce>[0]): boolean {
  if (rule.phrase !== undefined) return rule.phrase.test(text);
  if (rule.status === undefined) return rule.code === code;
  return rule.status.endsWith('.') ? status?.startsWith(rule.status) === true : status === rule.status;
}

function row(of: BounceClass, when: string | RegExp | number, source: string, example: string): BounceRule {
  if (typeof when === 'string') return { class: of, status: when, source, example };
  if (typeof when === 'number') return { class: of, code: when, source, example };
  return { class: of, phrase: when, source, example };
}
