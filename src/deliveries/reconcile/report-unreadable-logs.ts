import type { Context } from '../../platform/context.js';
import { JournalError, parseJournalName, readOldest } from '../../platform/mail/log/journal.js';
import { openLogFile } from '../../platform/mail/log/log-files.js';

/** Warns at the start of a mail log that SMTP_URL names and this process cannot read: it may also come to be only later. */
export async function reportUnreadableLogs({ mailer, log }: Pick<Context, 'mailer' | 'log'>): Promise<void> {
  for (const { name, settings } of mailer.transports) {
    const { mailLog } = settings;
    if (mailLog === undefined) continue;
    const fault = await findFault(mailLog);
    if (fault === undefined) continue;
    log.warn({
      event: 'mail-log.unreadable',
      transport: name,
      code: fault,
      says:
        `The mail log ${mailLog} of ${name}, which mailLog= in SMTP_URL names, cannot be read (${fault}): while it is so, ` +
        'no uncertain mail is looked up there.',
    });
  }
}

async function findFault(path: string): Promise<string | undefined> {
  const journal = parseJournalName(path);
  try {
    if (journal === undefined) await (await openLogFile(path)).handle.close();
    else await readOldest(journal.directory);
    return undefined;
  } catch (error) {
    if (error instanceof JournalError) return error.message;
    return (error as NodeJS.ErrnoException).code ?? 'no reason was given';
  }
}
