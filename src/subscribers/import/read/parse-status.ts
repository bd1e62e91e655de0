import type { FileKind, Preset } from './fields.js';

/** From the mildest to the strictest: of several that a row and its file say, the strictest counts. */
export const importStatuses = [
  'subscribed',
  'unconfirmed',
  'unsubscribed',
  'bounced',
  'blocked',
  'complained',
] as const;
export type ImportStatus = (typeof importStatuses)[number];

/** What products call them, in lower case with blanks; their pages and sources are named in presets.ts. */
const WORDS: Record<ImportStatus, string> = {
  subscribed:
    'subscribed active enabled confirmed regular premium free paid comp comped gift gifted trial trialed trialing churning churned founding|past due|opted in|opt in|optin|yes|true|1|subscriber|member|needs attention',
  unconfirmed:
    'unconfirmed pending unactivated unpaid validating paused upcoming unverified|not confirmed|awaiting confirmation|waiting for confirmation|double opt in pending',
  unsubscribed:
    'unsubscribed cancelled canceled left removed disabled deleted archived optout|opted out|opt out|not subscribed|nonsubscribed|non subscribed|no|false|0|unsubscribe',
  bounced:
    'bounced bounce cleaned undeliverable unreachable invalid hardbounced|hard bounced|hard bounce|not sending|address error',
  blocked: 'blocked blocklisted blacklisted suppressed banned spammy',
  complained: 'complained complaint complainer spam|marked as spam|spam complaint|abuse',
};

/** Where a product means something of its own by a word. */
const OWN_WORDS: Partial<Record<Preset, ReadonlyMap<string, ImportStatus>>> = {
  // Cancelled by the reader or by its publisher (beehiiv, "Understanding subscriber statuses").
  beehiiv: new Map([['inactive', 'unsubscribed']]),
  // Has not pressed the button in the mail that asks (Kit, "Subscriber states").
  kit: new Map([['inactive', 'unconfirmed']]),
  // Has not opened a mail for months; nobody has left by that (MailPoet, "Inactive subscribers").
  mailpoet: new Map([
    ['inactive', 'subscribed'],
    ['trash', 'unsubscribed'],
  ]),
};

const BY_WORD = new Map(
  importStatuses.flatMap((status) =>
    WORDS[status]
      .split('|')
      .flatMap((part, at) => (at === 0 ? part.split(' ') : [part]))
      .map((word) => [word, status] as const),
  ),
);

const YES = /^(?:yes|y|true|t|1|on|x)$/i;
const NO = /^(?:no|n|false|f|0|off|)$/i;

/** A status in a product's word; undefined: none that is known. */
export function parseStatus(text: string, preset: Preset): ImportStatus | undefined {
  const asWritten = wordOf(text, preset);
  if (asWritten !== undefined) return asWritten;
  const word = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');
  return wordOf(word, preset);
}

function wordOf(word: string, preset: Preset): ImportStatus | undefined {
  return OWN_WORDS[preset]?.get(word) ?? BY_WORD.get(word);
}

/** Undefined: neither yes nor no. A blank is no. */
export function parseYes(text: string): boolean | undefined {
  const typed = text.trim();
  if (YES.test(typed)) return true;
  return NO.test(typed) ? false : undefined;
}

export function stricter(one: ImportStatus, other: ImportStatus): ImportStatus {
  return importStatuses.indexOf(one) > importStatuses.indexOf(other) ? one : other;
}

/** The mildest that a row of such a file can be. */
export function statusOfKind(kind: FileKind): ImportStatus {
  if (kind === 'cleaned') return 'bounced';
  return kind === 'unsubscribed' ? 'unsubscribed' : 'subscribed';
}
