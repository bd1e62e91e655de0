import { openJournal } from '../../src/platform/process/journal.js';

// A process that appends numbers to a journal as fast as it can, until it is sealed. Says the last one it could build upon.
const journal = openJournal(process.argv[2] ?? '');
let granted = 0;
for (;;) {
  journal.append(String(granted + 1));
  if (!journal.isUnsealed()) break;
  granted += 1;
  if (granted === 1) process.stdout.write('begun\n');
}
process.stdout.write(`${granted}\n`);
