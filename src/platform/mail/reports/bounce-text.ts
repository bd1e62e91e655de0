import { classifyFailure } from '../classify/classify-failure.js';
import type { Header } from './header.js';
import type { Notification } from './notification.js';
import { BOILERPLATE, DELAY_SENTENCE, GIVEN_UP_SENTENCE, REPEATED_HEADER } from './phrases.js';
import { findAddresses } from './reported-address.js';
import type { ReportedRecipient } from './report.js';
import { findTextRecipients, type NamedRecipient } from './text-recipients.js';
import { findCode, findStatus, toReason } from './words.js';

/** What a bounce in words says, recipient by recipient; one without an address where it names none. */
export function readBounceText(
  header: Header,
  notification: Notification,
  own: ReadonlySet<string>,
): ReportedRecipient[] {
  const text = notification.lines.join('\n');
  const isDelay = saysDelayed(`${header.get('subject')}\n${text}`);
  return namedRecipients(header, notification, own).map(({ address, words }) => ({
    ...(address === '' ? { addresses: [] } : { recipient: address, addresses: [address] }),
    ...judgeWords([words, text, header.get('subject')], isDelay ? 'delayed' : undefined),
  }));
}

/** X-Failed-Recipients is Exim's and Google's. */
function namedRecipients(
  header: Header,
  { lines }: Notification,
  own: ReadonlySet<string>,
): NamedRecipient[] {
  const named = findTextRecipients(lines, own);
  const failed = header.all('x-failed-recipients').flatMap((value) => findAddresses(value, 100));
  if (failed.length > 0) {
    return failed.map(
      (address) => named.find((one) => isSame(one.address, address)) ?? { address, words: '' },
    );
  }
  if (named.length > 0) return named;
  const [inSubject] = findAddresses(header.get('subject'), 5).filter((one) => !own.has(one.toLowerCase()));
  return [{ address: inSubject ?? '', words: '' }];
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** In characters, of what a server says of one recipient. */
const MAX_WORDS_LENGTH = 5_000;

/** By the first of these texts that says what is the matter. */
export function judgeWords(
  texts: readonly string[],
  action?: string,
  given: { status?: string | undefined; code?: number | undefined } = {},
): Omit<ReportedRecipient, 'addresses'> {
  const readings = texts
    .map((words) => words.slice(0, MAX_WORDS_LENGTH))
    .filter((words) => words.trim() !== '')
    .map((words) => {
      const status = given.status ?? findStatus(words);
      const code = given.code ?? findCode(words);
      const reason = toReason(words);
      return {
        ...classifyFailure({ action, status, code, words: withoutBoilerplate(words) }),
        ...(status === undefined ? {} : { status }),
        ...(code === undefined ? {} : { code }),
        ...(reason === undefined ? {} : { reason }),
        ...(action === undefined ? {} : { action }),
      };
    });
  const telling = readings.find(({ diagnosis }) => diagnosis !== 'unknown' && diagnosis !== 'expired');
  return telling ?? readings[0] ?? classifyFailure({ action, ...given, words: '' });
}

function withoutBoilerplate(words: string): string {
  return words.replace(REPEATED_HEADER, ' ').replace(BOILERPLATE, ' ');
}

/** Whether it is still being tried. */
function saysDelayed(text: string): boolean {
  const words = text.toLowerCase().replace(/\s+/g, ' ');
  return DELAY_SENTENCE.test(words) && !GIVEN_UP_SENTENCE.test(words);
}
