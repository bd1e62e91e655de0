import type { LiftRight } from '../../../subscribers/suppression/operator-changes.js';
import type { SuppressionReason, SuppressionSource } from '../../../subscribers/suppression/reads.js';
import type { FileMistake } from '../../../subscribers/suppression/suppression-file.js';

/** Why an address is not mailed, in words. */
export const suppressionWords: Readonly<Record<SuppressionReason, string>> = {
  bounced: 'Mail to it bounced',
  complained: 'It reported a newsletter as spam',
  never: 'The reader asked never to be mailed',
  operator: 'An operator put it there',
  erased: 'Its reader was erased: only she can sign up again',
};

export const sourceWords: Readonly<Record<SuppressionSource, string>> = {
  'mail-server': 'A mail server’s answer',
  report: 'A report that came later',
  reader: 'The reader',
  operator: 'An operator',
  file: 'A file',
  import: 'An import',
};

/** Why somebody cannot lift it; undefined: she can. */
export const liftWords: Readonly<Record<LiftRight, string | undefined>> = {
  operator: undefined,
  administrator: 'It holds for all newsletters on this server, so only an administrator takes it off.',
  'reader-for-a-day':
    'She asked for it herself less than a day ago. Until the day is over only she can take it back, with the link in her mail.',
  reader: 'She had herself erased. Only she can end it, by signing up again with the form.',
};

export const mistakeWords: Readonly<Record<FileMistake['mistake'], string>> = {
  'no-address': 'There is no address in it',
  'too-long': 'It is too long to be read',
  'not-text': 'It is not written in UTF-8',
};

/** What the page says after a form. */
export const flashes: Readonly<Record<string, string>> = {
  suppressed: 'Done: nothing more is mailed there.',
  'already-suppressed': 'It was on the list already, put there by an operator. Nothing was changed.',
  lifted: 'Done: mail may go there again. Whoever had left stays as she is.',
  gone: 'It was off the list already. Nothing was changed.',
  'not-ready': 'It has begun already, or is over. Nothing was begun a second time.',
};
