import { row, SOURCES } from './rule.js';

const { rfc3463, rfc5321, rfc7293, exchange, gmail, postfix, exim, yahoo, ses, qmail, spamhaus, bounces } =
  SOURCES;

/** Statuses that say whose policy it is, although the words beside them name the sender. */
export const POLICY_STATUSES = [
  row('refused-by-mailbox', '5.7.124', exchange, '5.7.124 Sender not in allowed-senders list'),
  row('refused-by-mailbox', '5.7.129', exchange, '5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission'),
  row('refused-by-mailbox', '5.7.133', exchange, '5.7.133 Sender not authenticated for group'),
  row('refused-by-mailbox', '5.7.134', exchange, '5.7.134 Sender not authenticated for mailbox'),
  row('closed-mailbox', '5.7.17', rfc7293, '5.7.17 Mailbox owner has changed'),
  row('unknown-domain', '5.7.18', rfc7293, '5.7.18 Domain owner has changed'),
];

/** Words about the rate: how servers ask to slow down, with any code. */
export const RATE_WORDS = [
  row(
    'too-much',
    /too many (invalid |bad |unknown )?(recipients|addresses)/,
    postfix,
    '5.1.1 Too many recipients this hour',
  ),
  row(
    'too-much',
    /(?<!has |contains )too many (messages|connections|e-?mails|mails|errors|concurrent|\S* ?sessions)/,
    postfix,
    '5.1.1 Too many messages',
  ),
  row(
    'too-much',
    /rate[ -]?limit|\b(sending|delivery|message) rate\b|connection (rate )?limit|try again slower/,
    ses,
    '5.1.1 Rate limit exceeded for this domain',
  ),
  row('too-much', /throttl/, ses, '5.3.0 Throttling failure: Maximum sending rate exceeded'),
  row(
    'too-much',
    /(daily|hourly|sending|message) (quota|limit) (is |was |has been )?(exceeded|reached)|max(imum)? emails per hour/,
    ses,
    '5.1.1 Daily message quota exceeded',
  ),
  row(
    'too-much',
    /receiving mail (at a rate|too)/,
    gmail,
    '5.2.1 The user you are trying to contact is receiving mail at a rate that',
  ),
  row(
    'too-much',
    /unexpected volume|numerous attempts to deliver/,
    yahoo,
    '5.7.0 Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
  ),
];

/** A server that signs mail itself, as Amazon SES can, and got mail that we had signed. */
export const SIGNED_TWICE = row(
  'bad-session',
  /duplicate header '?dkim-signature/,
  ses,
  "Transaction failed: Duplicate header 'DKIM-Signature'.",
);

/** One mailbox's own rules. Before the words about senders, which such replies have too. */
export const RECIPIENT_POLICY_WORDS = [
  row(
    'refused-by-mailbox',
    /recipient(s|'s)? preferences?|(recipient|user|mailbox)('s)? (delivery |own )?rules/,
    yahoo,
    '5.1.1 Message refused due to recipient preferences',
  ),
  row(
    'refused-by-mailbox',
    /(blocked|rejected|refused) by (the |this )?(recipient|user|mailbox owner|addressee)\b(?!'?s? (domain|server|system|organi))|(recipient|user|id|mailbox) (has )?refuse[sd]? to (receive|accept)/,
    bounces,
    '5.7.1 You have been blocked by the recipient',
  ),
  row(
    'refused-by-mailbox',
    /(only|not) accept(s|ing)? (any )?(e?mails? )?from (specific|(your|this|that) (address|sender)|\s|$)|recipient's list of senders|\buser reject\b|restricted sms|accept(ing)? (mail|messages) (with|containing)|account is protected by|\bpre-?approved\b/,
    bounces,
    '550 This recipient is only accepting mail from specific email addresses',
  ),
];

/** Words about us: our server, our domain, our message, our side of the session. */
export const SENDER_WORDS = [
  SIGNED_TWICE,
  row(
    'refused-sender',
    /spamhaus|spamcop|barracuda|dnsbl|\brbl\b|surbl|sorbs|abuseat|uribl|senderbase|senderscore/,
    spamhaus,
    '5.1.1 Refused: listed at zen.spamhaus.org',
  ),
  row(
    'refused-sender',
    /(black|block|deny)[ -]?list|blocked using|reputation|\bbanned\b/,
    postfix,
    '5.1.1 Blocked using an RBL',
  ),
  row(
    'refused-sender',
    /\byour (\S+ )?(ip|server|host|domain|mail ?server|network|isp)\b|sending (ip|mta|domain|server)|(ip|client) (address )?.{0,40}(blocked|rejected|listed|refused|denied)/,
    rfc5321,
    '5.1.1 Your host is not welcome',
  ),
  row(
    'refused-sender',
    /\bsenders?\b|client host|error from remote mail server after initial connection|\bhelo\b|\behlo\b|mail from\b|mailfrom|envelope from|\bfrom: (header|address|domain)/,
    postfix,
    '5.1.1 Sender verify failed',
  ),
  row(
    'refused-sender',
    /\bptr\b|\bdns (check fail|mx\b|.{0,20}resource record)|ip name lookup|reverse dns|\brdns\b|reverse (lookup|hostname)|dynamic (ip|address)|dial-?up|open (proxy|relay)/,
    gmail,
    '5.1.1 The IP address has no PTR record',
  ),
  row(
    'refused-sender',
    /\b(spf|dkim|dmarc|batv)\b|backscatter|unauthenticated/,
    'RFC 7601',
    '5.1.1 Refused by DMARC',
  ),
  row(
    'refused-content',
    /\bspam\w*|unsolicited|\bvirus(es)?\b|malware|malicious|phish|bulk (e-?)?mail|mass mail|\bjunk\b|advertis/,
    exim,
    '5.1.1 This message was classified as spam',
  ),
  row(
    'refused-content',
    /(blocked|rejected) by (our|the|a|my) \S*filter|content (filter|reject|denied|not allowed)|(message|mail|e-?mail) content|banned|prohibited|suspicious|attachments?\b.{0,40}(allow|accept|block|illegal|forbid)|illegal attachment|(message|header)s? .{0,40}compliant|multiple subject|improperly-formatted/,
    postfix,
    '5.6.0 Message content rejected',
  ),
  row(
    'refused-content',
    /polic(y|ies)\b|organi[sz]ational settings|user complaints|members-only|not subscribed/,
    yahoo,
    '5.1.1 Message not accepted for policy reasons',
  ),
  row(
    'bad-session',
    /relay(ing)? .{0,30}(not permitted|denied|prohibited|refused|not allowed)|relay(ing)? (is )?(not permitted|access denied|denied|prohibited)|(unable|not allowed|not permitted|not configured) to relay|no relaying|as a relay|relaying mail|not a gateway/,
    postfix,
    '5.1.1 Relaying denied',
  ),
  row(
    'bad-session',
    /allowed rcpthosts|do(n't| not) (handle|relay) mail for|not local host/,
    qmail,
    "553 sorry, that domain isn't in my list of allowed rcpthosts",
  ),
  row(
    'bad-session',
    /authentication (is )?(required|fail|turned|credentials)|must authenticate|starttls|not authenticated|don't authenticate|not (been )?verified/,
    'RFC 4954 section 6',
    '5.1.1 Authentication required',
  ),
  row(
    'bad-session',
    /bad sequence|command (rejected|not)|syntax error|unrecogni[sz]ed command|protocol (violation|error)|bare (lf|cr|linefeed)/,
    rfc5321,
    '5.1.1 Bad sequence of commands',
  ),
];

/** "Security or policy status" is whatever a server has against us. */
export const SENDER_STATUSES = [
  row(
    'refused-sender',
    'x.7.',
    rfc3463,
    '5.7.515 Access denied, sending domain does not meet the required authentication level',
  ),
  row('refused-sender', 'x.1.7', rfc3463, '5.1.7 Invalid address'),
  row('refused-sender', 'x.1.8', rfc3463, '5.1.8 Access denied, bad outbound'),
  row('too-large', 'x.3.4', rfc3463, '5.3.4 Message too big for system'),
];
