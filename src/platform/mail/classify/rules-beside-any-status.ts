import { row, SOURCES } from './rule.js';

const { exchange, gmail, postfix, exim } = SOURCES;

/**
 * Words that are clearer than any status beside them: servers write 5.1.1 and 5.7.1 in front of whatever they say. They come after
 * the words about us, so that "sender unknown" is never about a reader.
 */
export const TELLING_WORDS = [
  row(
    'server-trouble',
    /too many hops|hop count|\bloop|looping|forwarding (failed|broken)/,
    postfix,
    '5.1.1 Too many hops',
  ),
  row(
    'full-mailbox',
    /quota|exceeded (its |the )?storage|space has been used up/,
    exim,
    'Mailbox is full (quota exceeded)',
  ),
  row(
    'full-mailbox',
    /\b(mailbox|inbox|account|mailfolder|mail ?box|user)( is| was)? (over ?|currently )?full|full mailbox|out of storage|mailbox .{0,30}(exceed|limit)|mail ?box space not enough|storage limit|too much mail (data|stored)|too many messages|boite du destinataire pleine|(postfach|mailbox) (ist )?voll/,
    gmail,
    'Mailbox full',
  ),
  row(
    'refused-by-mailbox',
    /recipsizelimit|too large for this recipient/,
    exchange,
    '5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient',
  ),
  row(
    'too-large',
    /\b(message|mail|e-?mail|header|data)( size)? (is |was |has )?(too (big|large|long)|exceed)|max(imum)? (allowed )?(incoming )?(message|mail|file)? ?size|size limit|larger than/,
    postfix,
    '552 Message size exceeds fixed limit',
  ),
  row(
    'server-trouble',
    /command (died|failed|output)|procmail|mail?drop|\|\| ?exit|pipe to \|/,
    postfix,
    '5.1.1 Command died with status 1',
  ),
  row(
    'unknown-address',
    /\b(user|recipient|mailbox)( name| address)?( \S{1,40})?( is| was)? (unknown|not (found|known|exist)|does not exist|doesn't exist)|\b(unknown|no such|invalid|bad) (virtual )?(user|recipient|mailbox)\b|badrcptto|validrcptto|badrecipientto|envelope recipient has been denied/,
    postfix,
    '5.7.1 Recipient address rejected: User unknown in virtual alias table',
  ),
];
