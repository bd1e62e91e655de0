export { startPostfix, whyNoPostfix, type Postfix } from '../../bench/support/postfix/postfix.js';
export { startMilter } from '../../bench/support/postfix/milter.js';
export { whyNoJournal } from '../../bench/support/postfix/journal.js';
