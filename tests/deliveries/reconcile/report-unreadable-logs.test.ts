import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { reportUnreadableLogs } from '../../../src/deliveries/reconcile/report-unreadable-logs.js';
import { createLog, type LoggedEvent } from '../../../src/platform/log.js';
import { createMailer } from '../../../src/platform/mail/smtp/mailer.js';

test('a start names each mail log that is not there or is no file, and those alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paperround-logs-'));
  writeFileSync(join(folder, 'mail.log'), 'Nov 22 mail postfix/smtp[1]: x\n');
  const url = (host: string, log: string) =>
    `smtp://${host}.example?uncertain=reconcile&mailLog=${encodeURIComponent(join(folder, log))}`;
  const smtpUrl = [
    'smtp://plain.example',
    url('good', 'mail.log'),
    url('gone', 'nope.log'),
    url('odd', ''),
    `smtp://journal.example?mailLog=${encodeURIComponent(`journal:${join(folder, 'none')}`)}`,
  ].join(' ');
  const events: LoggedEvent[] = [];
  const log = createLog('warn', { file: join(folder, 'log'), onEvent: (event) => events.push(event) });
  const mailer = createMailer({ smtpUrl, connections: 1 });
  await reportUnreadableLogs({ mailer, log });
  await mailer.close();
  expect(events).toEqual([
    {
      event: 'mail-log.unreadable',
      transport: 'gone.example:587',
      code: 'ENOENT',
      says:
        `The mail log ${join(folder, 'nope.log')} of gone.example:587, which mailLog= in SMTP_URL names, cannot be read (ENOENT): ` +
        'while it is so, no uncertain mail is looked up there.',
    },
    expect.objectContaining({ transport: 'odd.example:587', code: 'EISDIR' }),
    // Where there is no journalctl, that is the reason.
    expect.objectContaining({
      transport: 'journal.example:587',
      code: expect.stringMatching(/journal|directory/i),
    }),
  ]);
});
