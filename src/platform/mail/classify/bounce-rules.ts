import type { ParsedReply } from './parse-reply.js';

/** A 5xx reply; `text` is its text in lower case, without addresses and URLs. */
type PermanentFailure = ParsedReply & { text: string };

// What a 5xx to RCPT or to the final dot is about. Statuses are those of RFC 3463 and the IANA registry
// (https://www.iana.org/assignments/smtp-enhanced-status-codes). For a bad address the text counts only where the status
// is missing or unspecific, because every server words it differently.

const BLOCK_LIST_PATTERN = anyPhrase(
  'spamhaus',
  'spamcop',
  'barracuda',
  'dnsbl',
  String.raw`\brbl\b`,
  '(black|block|deny)[ -]?list',
  'blocked using',
  'reputation',
);
const SENDER_PATTERN = anyPhrase(
  String.raw`\byour (ip|server|host|domain|mail server)\b`,
  String.raw`\bsender\b`,
  'client host',
  String.raw`\b(spf|dkim|dmarc)\b`,
);

/** About the sender, which is us: policy (5.7.x), or, with any status, a block list or authentication. */
export function isSenderFault({ status, text }: PermanentFailure): boolean {
  return status?.startsWith('5.7.') === true || BLOCK_LIST_PATTERN.test(text) || SENDER_PATTERN.test(text);
}

const TRANSIENT_STATUSES = new Set(['5.2.2', '5.3.1', '5.3.2']);
const TRANSIENT_PATTERN = anyPhrase(
  'over ?quota',
  'quota (is )?exceeded',
  'exceeded (its |the )?(storage|quota)',
  '(mailbox|inbox)( is)? full',
  'out of storage',
  'insufficient (disk|storage|system)',
  'receiving mail (at a rate|too)', // Gmail, with the same 5.2.1 as for a disabled account
  'try (again )?later',
  'temporar',
  'mailbox unavailable', // RFC 5321 uses it for "not found" and for "policy" alike
);
/** Exchange Online replies this for unknown recipients, but for other reasons too: too uncertain to suppress a reader. */
const MAYBE_UNKNOWN_RECIPIENT = 'recipient address rejected: access denied';

/** About the mailbox, but temporary or uncertain: over quota, system full, too much mail at once. */
export function isTransientFailure({ status, text }: PermanentFailure): boolean {
  if (status !== undefined && TRANSIENT_STATUSES.has(status)) return true;
  return TRANSIENT_PATTERN.test(text) || (status === '5.4.1' && text.includes(MAYBE_UNKNOWN_RECIPIENT));
}

const BAD_ADDRESS_STATUSES = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']);
const NO_SUCH_DOMAIN_PATTERN = anyPhrase(
  '(host|domain)( or domain)?( name)? not found',
  'nxdomain',
  'no such (host|domain)',
);
const NO_SUCH_MAILBOX_PATTERN = anyPhrase(
  'no such (user|recipient|mailbox|person|address)',
  '(user|recipient|mailbox|account|address)( name| address)?( is)? (unknown|not found|disabled|invalid|inactive)',
  '(unknown|invalid|unrouteable|nonexistent) (user|recipient|mailbox|address|local)',
  "(does not|doesn't) exist",
  String.raw`doesn't have an? \S+ account`,
  'no mailbox here',
  'mailbox is disabled',
  'not a valid (user|mailbox|recipient)',
  'domain does not accept mail',
);

/**
 * The address is bad permanently. 5.4.4 counts only when the text says that the domain does not exist. 556 says that the domain
 * takes no mail (RFC 7504), like 5.1.10 (RFC 7505).
 */
export function isBadAddress({ code, status, text }: PermanentFailure): boolean {
  if (status === '5.4.4') return NO_SUCH_DOMAIN_PATTERN.test(text);
  if (status !== undefined && isSpecificStatus(status)) return BAD_ADDRESS_STATUSES.has(status);
  return code === 556 || NO_SUCH_MAILBOX_PATTERN.test(text);
}

/** False for x.x.0, "other or undefined" (RFC 3463 section 3): then the text decides. */
function isSpecificStatus(status: string): boolean {
  return !status.endsWith('.0');
}

function anyPhrase(...alternatives: string[]): RegExp {
  return new RegExp(alternatives.join('|'));
}
