import { readReport } from '../../../platform/mail/reports/read-report.js';
import type { Report, ReportedRecipient } from '../../../platform/mail/reports/report.js';
import { toSafeText } from '../../../platform/text/safe-text.js';
import { print } from '../../output.js';
import type { ReadConfig } from '../../read-config.js';
import { findDeliveries } from './find-deliveries.js';
import { readMail } from './read-mail.js';

type Options = { json?: boolean };

/** What a mail that reports nothing has instead of a recipient. */
const NOBODY: ReportedRecipient = { addresses: [], class: 'none', scope: 'mailbox' };

type ReadFile = { file: string; report: Report } | { file: string; error: unknown };

/** Prints how each mail is understood. A file that cannot be read is named, the others are explained, and the exit code is 1. */
export async function explain(config: ReadConfig, files: readonly string[], options: Options): Promise<void> {
  const all: ReadFile[] = [];
  for (const file of files) all.push(await readFile(file));
  const reports = all.flatMap((one) => ('report' in one ? [one.report] : []));
  const deliveries = await findDeliveries(config, reports);
  for (const one of all) {
    if ('report' in one) printReport(one.file, one.report, deliveries.get(one.report) ?? [], options);
    else reportFailure(one.file, one.error);
  }
}

async function readFile(file: string): Promise<ReadFile> {
  try {
    return { file, report: readReport(await readMail(file)) };
  } catch (error) {
    return { file, error };
  }
}

function reportFailure(file: string, error: unknown): void {
  process.stderr.write(`${toSafeText(`${file} cannot be read: ${describe(error)}`)}\n`);
  process.exitCode = 1;
}

function printReport(
  source: string,
  report: Report,
  deliveries: readonly (string | undefined)[],
  options: Options,
): void {
  const recipients = report.recipients.length === 0 ? [NOBODY] : report.recipients;
  if (options.json !== true) print(options, undefined, [`${source}: ${KINDS[report.kind]}`]);
  for (const [at, one] of recipients.entries()) {
    const deliveryId = deliveries[at];
    const about = deliveryId === undefined ? [] : [`    delivery ${deliveryId}`];
    const json = { ...toJson(source, report, one), ...(deliveryId !== undefined && { deliveryId }) };
    print(options, json, [...describeRecipient(one), ...about]);
  }
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
