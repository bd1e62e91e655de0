import { openJournal } from '../../src/platform/process/journal.js';

// Appends numbers to a journal as fast as it can, until the journal is sealed. Prints the last number that was appended.
const journal = openJournal(process.argv[2] ?? '', 'head');
let granted = 0;
for (;;) {
  journal.append(String(granted + 1));
  if (!journal.isUnsealed()) break;
  granted += 1;
  if (granted === 1) process.stdout.write('begun\n');
}
process.stdout.write(`${granted}\n`);
