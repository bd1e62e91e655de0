import { decodeWords } from 'postal-mime';
import type { Header } from './header.js';
import { ANSWER_SENTENCE, ANSWER_SUBJECT, CHALLENGE } from './phrases.js';

/** Subject in lower case, encoded words decoded. */
export function subjectOf(header: Header): string {
  return decodeWords(header.get('subject').slice(0, 1_000)).toLowerCase();
}

/** What kind of automatic answer it is (RFC 3834); undefined for what a person wrote. */
export function answerKind(header: Header, text: string): 'auto-reply' | 'challenge' | undefined {
  const subject = subjectOf(header);
  const words = `${subject}\n${text.toLowerCase()}`.replace(/\s+/g, ' ');
  if (CHALLENGE.test(words) && (isAutomatic(header) || !/^re:/.test(subject))) return 'challenge';
  if (ANSWER_SUBJECT.test(subject)) return 'auto-reply';
  return isAutomatic(header) && (!isDaemonHeader(header) || ANSWER_SENTENCE.test(words))
    ? 'auto-reply'
    : undefined;
}

/** Whether its header says that no person wrote it. */
export function isAutomatic(header: Header): boolean {
  const submitted = header.get('auto-submitted').toLowerCase();
  if (submitted !== '' && !submitted.startsWith('no')) return true;
  if (/auto[-_ ]?reply|auto[-_ ]?respon/i.test(header.get('precedence') + header.get('x-precedence')))
    return true;
  return ANSWER_HEADERS.some((name) => header.has(name));
}

const ANSWER_HEADERS = [
  'x-autoreply',
  'x-autorespond',
  'x-auto-response-from',
  'x-autoresponder',
  'x-vacation',
];

function isDaemonHeader(header: Header): boolean {
  return /mailer-daemon|postmaster/i.test(header.get('from'));
}
