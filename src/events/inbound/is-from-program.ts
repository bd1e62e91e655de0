import { isAutomatic } from '../../platform/mail/reports/automatic-answer.js';
import type { Header } from '../../platform/mail/reports/header.js';

const PROGRAM = /^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)@/i;
/** Of lists (RFC 2919, RFC 2369), and of mail that wants no answer. */
const LIST_HEADERS = ['list-id', 'list-unsubscribe', 'x-auto-response-suppress'];

/**
 * Whether a program wrote this mail (RFC 3834, sections 2 and 5.1). It is never passed on, or two programs would write to each other
 * for ever.
 * @param envelopeFrom null where nothing tells
 */
export function isFromProgram(header: Header, envelopeFrom: string | null): boolean {
  const returnPath = header.get('return-path').trim();
  if (envelopeFrom === '' || returnPath === '<>') return true;
  if (PROGRAM.test(envelopeFrom ?? returnPath.replace(/^</, ''))) return true;
  if (/^(?:bulk|junk|list)\b/i.test(header.get('precedence').trim())) return true;
  return isAutomatic(header) || LIST_HEADERS.some((name) => header.has(name));
}
