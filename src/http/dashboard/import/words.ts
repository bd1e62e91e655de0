import type { Import } from '../../../subscribers/import/import.js';
import type { Outcome } from '../../../subscribers/import/judge-row.js';
import type { Missing } from '../../../subscribers/import/prepare-import.js';
import { onceFlashes } from '../frame/once.js';

/** What a column may mean, in the order of the choice. */
export const fieldWords: Readonly<Record<string, string>> = {
  ignore: 'Leave out',
  email: 'Address',
  joined: 'Joined on',
  confirmed: 'Confirmed on',
  status: 'State (subscribed, left …)',
  'is-subscribed': 'Subscribed: yes or no',
  'has-left': 'Left: yes or no',
  left: 'Left on',
  reason: 'Why she left',
  language: 'Language',
  timezone: 'Time zone',
  cadence: 'How often',
  topics: 'Topics',
  source: 'Where she signed up',
  'old-id': 'Id in old links',
  'old-key': 'Key in old links',
};

/** What a row of an import comes to, in the order of the table. `added`: of who is brought. */
export const outcomeWords: readonly { outcome: Outcome; checked: string; added: string; isGood?: true }[] = [
  { outcome: 'new', checked: 'New', added: 'Added', isGood: true },
  {
    outcome: 'was-pending',
    checked: 'Asked here before, agreed there: added too',
    added: 'Had been asked here before, added too',
  },
  { outcome: 'asks', checked: 'Will be asked to confirm', added: 'Are asked to confirm', isGood: true },
  { outcome: 'present', checked: 'Here already, unchanged', added: 'Were here already' },
  { outcome: 'left-here', checked: 'Left here before, kept out', added: 'Left here before, kept out' },
  { outcome: 'suppressed', checked: 'On Do not mail here, kept out', added: 'On Do not mail here, kept out' },
  {
    outcome: 'unconfirmed',
    checked: 'Never confirmed there, left out',
    added: 'Never confirmed there, left out',
  },
  { outcome: 'opted-out', checked: 'Left there: come in as who has left', added: 'Came in as who has left' },
  {
    outcome: 'leaves',
    checked: 'Read here and left there: will be unsubscribed',
    added: 'Unsubscribed: they had left there',
  },
  {
    outcome: 'stays',
    checked: 'Left there, signed up here later: stay',
    added: 'Had left there, signed up here later: stay',
  },
  { outcome: 'left-before', checked: 'Left there and here', added: 'Left there and here' },
  {
    outcome: 'do-not-mail',
    checked: 'Bounced, complained or blocked there: go on Do not mail',
    added: 'Put on Do not mail',
  },
  {
    outcome: 'do-not-mail-before',
    checked: 'The same, on Do not mail already',
    added: 'Were on Do not mail already',
  },
];

export const missingWords: Readonly<Record<Missing, string>> = {
  'no-file': 'Add a file first.',
  'incomplete-file': 'One of the files has not come in completely. Remove it, and add it again.',
  'no-columns': 'Say of each file which column has the address.',
  'no-statement': 'Say where and how these readers agreed to get your mails.',
};

/** Of a file as a whole. */
const fileProblems: Readonly<Record<string, string>> = {
  empty: 'There is nothing in the file.',
  'no-table': 'This is no table: a CSV, TSV or JSON Lines file is needed, or a ZIP archive with such files.',
  'no-addresses': 'There is no address in the file.',
  events:
    'This is a table of what happened to mails (opens, clicks, bounces), and no list of readers. Export the subscribers instead.',
  spreadsheet: 'This is a spreadsheet or an office document. Save it as CSV, and add that.',
  'too-many-columns': 'The file has more than 400 columns: it is no list of readers.',
  'not-an-archive': 'This is no ZIP archive, or a damaged one.',
  'too-many-entries': 'The archive has too many files. Take the lists of readers out of it, and add those.',
  'climbing-path': 'The archive has a path that leads out of it: it was made to do harm, or by mistake.',
  encrypted: 'The archive is encrypted. Unpack it, and add the lists of readers.',
  'too-large': 'Unpacked it would be larger than any list of readers.',
  'no-tables': 'There is no list of readers in the archive.',
  'other-columns': 'The file has other columns than when it was looked at. Remove it, and add it again.',
  'date-order': 'Say whether the day or the month stands first in the dates.',
};

export function describeProblem(code: string): string {
  return fileProblems[code] ?? `The file cannot be read (${code}).`;
}

/** Of one line. */
const mistakes: Readonly<Record<string, string>> = {
  'too-long': 'longer than a line of readers can be',
  'not-text': 'not text in the encoding of the file',
  nul: 'has bytes that no text has',
  quotes: 'a quotation mark has no end',
  'extra-cells': 'has more cells than the table has columns',
  'not-json': 'is no JSON',
};

export function describeMistake(code: string): string {
  return mistakes[code] ?? code.replaceAll('-', ' ');
}

export const stateWords: Readonly<Record<Import['state'], string>> = {
  open: 'Being prepared',
  checking: 'Being checked',
  checked: 'Checked, not added',
  adding: 'Being added',
  added: 'Added',
  undoing: 'Being taken back',
  undone: 'Taken back',
};

export const flashes: Readonly<Record<string, string>> = {
  ...onceFlashes,
  'not-open': 'It is past that: nothing was changed. Begin a new import for other files.',
  'too-many-files': 'An import takes 50 files. Put them in a ZIP archive, or begin another import.',
  'too-large': 'The file is larger than 1 GB. It was not kept: cut it in parts.',
  twice: 'Two columns were given the same meaning. Nothing was changed: choose one of them.',
  'not-checked': 'It has to be checked first. Nobody was added.',
  busy: 'Another import of this newsletter is being added or taken back. Press again when that is over; nothing was changed.',
  'not-startable': 'It was started already, or is not added. Nothing was changed.',
  'not-started': 'Nothing was being started.',
  stopped: 'No more readers of this import are started. Who was started goes on.',
  started: 'It is noted.',
  'not-undoable': 'It cannot be taken back, or was already.',
  'too-late': 'An import can be taken back for 30 days. Nothing was changed.',
  saved: 'Saved.',
  removed: 'The file was removed.',
};
