import type { OperatorWords } from '../../platform/text/translations.js';
import type { Publication } from '../../publications/publication.js';
import type { AlertCause } from './alert.js';

/** What an alert says, in the order it is read. */
export type AlertContent = {
  subject: string;
  title: string;
  /** What happened, and what became of readers' mail: a paragraph each. */
  says: string[];
  /** Whoever stopped it, in its own words; null where nobody said anything. */
  reason: string | null;
  /** What it is about, one by one, under a line that says what they are. */
  list?: { lead: string; items: string[] };
  choices: string[];
  /** Of the page where an operator decides, and what its link is called. */
  path: string;
  button: string;
  /** What does the same from a terminal on the server. */
  commands: string[];
};

export type AlertTextContext = {
  publication: Publication;
  now: Date;
  /** The words behind a key of `alertMail`. */
  t: (key: string, values?: Record<string, unknown>) => string;
  words: OperatorWords;
};

export type CauseOf<Kind extends AlertCause['kind']> = Extract<AlertCause, { kind: Kind }>;
