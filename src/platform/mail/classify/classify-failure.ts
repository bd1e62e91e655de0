import { diagnose } from './bounce-rules.js';
import { DIAGNOSES, type Diagnosis } from './diagnosis.js';
import type { EventClass, EventScope } from './event-class.js';
import { normalizedText } from './parse-reply.js';

export type Classified = { class: EventClass; scope: EventScope; diagnosis?: Diagnosis };

/** What a report or a webhook says happened; each where it is known. */
export type Failure = {
  /** RFC 3464 section 2.3.3. */
  action?: string | undefined;
  status?: string | undefined;
  code?: number | undefined;
  /** As they were written, with addresses. */
  words: string;
};

/** The class and scope of what a report says of one recipient: the table of `bounce-rules.ts`, and what was done (RFC 3464). */
export function classifyFailure({ action, status, code, words }: Failure): Classified {
  if (action !== undefined && NOTHING_FAILED.has(action)) return { class: 'none', scope: 'mailbox' };
  if (action === 'delayed') return { class: 'delayed', scope: 'mailbox' };
  if (status?.startsWith('2.') === true) return { class: 'none', scope: 'mailbox' };
  const text = normalizedText(words);
  const known = {
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
  };
  const diagnosis = diagnose({ ...known, text });
  const isPassing = status === undefined ? code !== undefined && code < 500 : status.startsWith('4.');
  return isPassing ? givenUp(diagnosis) : { ...meaningOf(diagnosis), diagnosis };
}

/** It was a delay before the server on the way gave it up, so it may pass (RFC 3463 section 2). */
function givenUp(said: Diagnosis): Classified {
  const diagnosis = said === 'unknown' ? 'expired' : said;
  const { class: of, scope } = meaningOf(diagnosis);
  return { class: of === 'hard' ? 'soft' : of, scope, diagnosis };
}

function meaningOf(diagnosis: Diagnosis): { class: EventClass; scope: EventScope } {
  const { class: of, scope } = DIAGNOSES[diagnosis];
  return { class: of, scope };
}

const NOTHING_FAILED = new Set(['delivered', 'relayed', 'expanded']);
