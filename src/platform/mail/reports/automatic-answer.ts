import { decodeWords } from 'postal-mime';
import type { Header } from './header.js';
import { ANSWER_SENTENCE, ANSWER_SUBJECT, CHALLENGE, CHALLENGE_SERVICE } from './phrases.js';

/** Subject in lower case, encoded words decoded. */
export function subjectOf(header: Header): string {
  return decodeWords(header.get('subject').slice(0, 1_000)).toLowerCase();
}

/** What kind of automatic answer it is (RFC 3834); undefined for what a person wrote. */
export function answerKind(header: Header, text: string): 'auto-reply' | 'challenge' | undefined {
  const subject = subjectOf(header);
  const words = `${subject}\n${text.toLowerCase()}`.replace(/\s+/g, ' ');
  if (CHALLENGE_SERVICE.test(words)) return 'challenge';
  if (CHALLENGE.test(words) && (isAutomatic(header) || !subject.startsWith('re:'))) return 'challenge';
  if (ANSWER_SUBJECT.test(subject)) return 'auto-reply';
  if (isAutomatic(header)) return 'auto-reply';
  return hasNoReturnPath(header) && ANSWER_SENTENCE.test(words) ? 'auto-reply' : undefined;
}

/** Nobody is to answer it (RFC 5321 section 4.5.5). */
export function hasNoReturnPath(header: Header): boolean {
  return /^\s*<\s*>/.test(header.get('return-path'));
}

/** Whether the subject or the words are an automatic answer's, whoever wrote it. */
export function saysAnswer(header: Header, text: string): boolean {
  return ANSWER_SUBJECT.test(subjectOf(header)) || CHALLENGE_SERVICE.test(text.toLowerCase());
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
