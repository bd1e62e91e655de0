import { readReport } from '../../../platform/mail/reports/read-report.js';
import type { Report, ReportedRecipient } from '../../../platform/mail/reports/report.js';
import { toSafeText } from '../../../platform/text/safe-text.js';
import { print } from '../../output.js';
import { readMail } from './read-mail.js';

type Options = { json?: boolean };

/** What a mail that reports nothing has instead of a recipient. */
const NOBODY: ReportedRecipient = { addresses: [], class: 'none', scope: 'mailbox' };

/** Prints how each mail is understood. A file that cannot be read is named, the others are explained, and the exit code is 1. */
export async function explain(files: readonly string[], options: Options): Promise<void> {
  for (const file of files) {
    try {
      printReport(file, readReport(await readMail(file)), options);
    } catch (error) {
      process.stderr.write(`${toSafeText(`${file} cannot be read: ${describe(error)}`)}\n`);
      process.exitCode = 1;
    }
  }
}

function printReport(source: string, report: Report, options: Options): void {
  const recipients = report.recipients.length === 0 ? [NOBODY] : report.recipients;
  if (options.json !== true) print(options, undefined, [`${source}: ${KINDS[report.kind]}`]);
  for (const one of recipients) print(options, toJson(source, report, one), describeRecipient(one));
}

function toJson(source: string, { kind }: Report, one: ReportedRecipient) {
  return {
    source,
    kind,
    class: one.class,
    scope: one.scope,
    diagnosis: one.diagnosis ?? null,
    recipient: one.recipient ?? null,
    action: one.action ?? null,
    status: one.status ?? null,
    code: one.code ?? null,
    reason: one.reason ?? null,
  };
}

const KINDS: Record<Report['kind'], string> = {
  'delivery-status': 'a delivery report (RFC 3464)',
  feedback: 'a feedback report (RFC 5965)',
  'bounce-text': 'a bounce in words',
  'auto-reply': 'an automatic answer',
  challenge: 'a question whether a person sent the mail',
  disposition: 'a notification that a mail was read or deleted (RFC 8098)',
  other: 'no report',
};

function describeRecipient(one: ReportedRecipient): string[] {
  const { recipient = 'nobody named', class: of, diagnosis, status, code, reason } = one;
  const numbers = [code, status].filter((part) => part !== undefined).join(' ');
  const what = [of, diagnosis, numbers].filter((part) => part !== undefined && part !== '').join(', ');
  return [`  ${recipient}: ${what}`, ...(reason === undefined ? [] : [`    ${reason}`])];
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
