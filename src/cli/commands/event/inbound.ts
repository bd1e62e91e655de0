import { Option, type Command } from 'commander';
import { receiveMail } from '../../../events/inbound/receive-mail.js';
import { rereadInbound } from '../../../events/inbound/reread.js';
import { inboundStates, type InboundState } from '../../../platform/mail/inbound/inbound-mail.js';
import { listInboundMails, type InboundMail } from '../../../platform/mail/inbound/inbound-mails.js';
import { countNoun } from '../../../platform/text/count-noun.js';
import { toSafeText } from '../../../platform/text/safe-text.js';
import { CliError } from '../../cli-error.js';
import { listLines, print } from '../../output.js';
import { parseId } from '../../parse-id.js';
import type { ReadConfig } from '../../read-config.js';
import { withContext } from '../../servers.js';
import { wholeNumberFrom } from '../../whole-number.js';
import { readMails } from './read-mails.js';

type Options = { json?: boolean };
type ListOptions = Options & { state?: InboundState; limit: number; cursor?: string };

/** `event ingest|mails|reread`: mails that came back, as they are stored. */
export function inboundCommands(event: Command, config: ReadConfig): void {
  event
    .command('ingest')
    .description('take in mails that came back; a worker reads them. The same mail again changes nothing')
    .argument('<file...>', 'a mail, an mbox, a folder of mails or a Maildir; - reads standard input')
    .option('--json', 'answer as JSON')
    .action((files: string[], options: Options) => ingest(config, files, options));
  event
    .command('mails')
    .description('mails that came back within 30 days, the newest first, and what became of each')
    .addOption(new Option('--state <state>', 'only those').choices(inboundStates))
    .option('--limit <n>', 'how many', wholeNumberFrom(1), 100)
    .option('--cursor <id>', 'the next page: the id that the page before ended with')
    .option('--json', 'answer as JSON')
    .action((options: ListOptions) => list(config, options));
  event
    .command('reread')
    .description('read stored mails again, after an upgrade that understands more; nothing counts twice')
    .option('--failed', 'only those that could not be read')
    .option('--json', 'answer as JSON')
    .action(async ({ failed = false, ...options }: Options & { failed?: boolean }) => {
      const count = await withContext(config(), (context) => rereadInbound(context, { onlyFailed: failed }));
      print(options, { mails: count }, [`To be read again by a worker: ${countNoun(count, 'mail')}.`]);
    });
}

/** A file that cannot be read is named, the others are taken in, and the exit code is 1. */
async function ingest(config: ReadConfig, files: readonly string[], options: Options): Promise<void> {
  const { unread, ...counts } = await withContext(config(), async (context) => {
    const result = { stored: 0, known: 0, unread: 0 };
    for (const file of files) {
      try {
        for await (const raw of readMails(file)) {
          const mail = { source: 'file' as const, raw, envelopeFrom: null, envelopeTo: [] };
          const stored = await receiveMail(context, mail);
          result[stored === undefined ? 'known' : 'stored'] += 1;
        }
      } catch (error) {
        if (!isFileError(error)) throw error;
        process.stderr.write(`${toSafeText(`${file} cannot be read: ${error.code}`)}\n`);
        result.unread += 1;
      }
    }
    return result;
  });
  const known = counts.known === 0 ? [] : [`There before: ${countNoun(counts.known, 'mail')}.`];
  print(options, counts, [`Stored: ${countNoun(counts.stored, 'mail')}.`, ...known]);
  if (unread > 0) throw new CliError(`Not read: ${countNoun(unread, 'file')}.`);
}

/** Of the file system, and not of the connection to the database. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error && 'syscall' in error && /^(?:open|read|stat|scandir)$/.test(String(error.syscall))
  );
}

async function list(config: ReadConfig, { state, limit, cursor, ...options }: ListOptions): Promise<void> {
  const before = cursor === undefined ? undefined : parseId(cursor, { what: 'a mail', list: 'event mails' });
  const rows = await withContext(config(), ({ db }) =>
    listInboundMails(db, {
      ...(state !== undefined && { state }),
      ...(before !== undefined && { before }),
      limit: limit + 1,
    }),
  );
  const data = rows.slice(0, limit).map(toJson);
  const nextCursor = rows.length > data.length ? (data.at(-1)?.id ?? null) : null;
  const more = nextCursor === null ? [] : [`More: --cursor ${nextCursor}`];
  const headings = ['Id', 'Received', 'By', 'State', 'Reason'];
  const lines = listLines(headings, data.map(toRow), 'No mail has come back.');
  print(options, { data, nextCursor }, [...lines, ...more]);
}

/** Without the envelope, which has addresses. */
function toJson({ id, receivedAt, source, state, reason, processedAt, parserVersion }: InboundMail) {
  return { id, receivedAt, source, state, reason, processedAt, parserVersion };
}

function toRow({ id, receivedAt, source, state, reason }: ReturnType<typeof toJson>): string[] {
  return [id, receivedAt.toISOString(), source, state, reason === null ? '' : describeReason(reason)];
}

const reasons: Readonly<Record<string, string>> = {
  'nothing-reported': 'a report that names nobody',
  'not-for-us': 'to no address that we made',
  automatic: 'written by a program',
  'too-large': 'too large to be passed on',
  'mail-unknown': 'about a mail that is not known any more',
  'no-reply-to': 'the newsletter has no replyTo to pass it on to',
  'too-many': 'a hundred were passed on today',
};

/** A failure has the code of the error. */
function describeReason(reason: string): string {
  return reasons[reason] ?? reason;
}
