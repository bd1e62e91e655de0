import { InvalidArgumentError, type Command } from 'commander';
import { resolveByMailLog } from '../deliveries/reconcile.js';
import { resolutions, resolveDigest, type Resolution } from '../deliveries/resolve-digest.js';
import type { Settled } from '../deliveries/settle-digest.js';
import type { Digest } from '../digests/digest.js';
import type { Context } from '../platform/context.js';
import { ask } from './ask.js';
import { mails, settle, type Report } from './controlled.js';
import { Refusal } from './refusal.js';

export type ResolveOptions = { as?: Resolution; mailLog?: string; subscription?: string; yes?: boolean };

/** What `digest resolve` may be told. */
export function resolveOptions(command: Command): void {
  command
    .option('--as <what>', 'accepted: they arrived; resend: send them again all the same', resolution)
    .option('--mail-log <file>', 'what the log of the mail server proves, and no more')
    .option('--subscription <id>', 'with --as: of this reader only', subscriptionId)
    .option('--yes', 'do not ask')
    .hook('preAction', () => expectOneWay(command.opts<ResolveOptions>()));
}

/** Either an operator's word decides, or the mail server's log. */
export function resolve(context: Context, digest: Digest, options: ResolveOptions): Promise<Report> {
  const { mailLog } = options;
  return mailLog === undefined ? byWord(context, digest, options) : byMailLog(context, digest, mailLog);
}

function expectOneWay({ as, mailLog, subscription }: ResolveOptions): void {
  if ((as === undefined) === (mailLog === undefined))
    throw new Refusal(
      'Say either what became of them (--as accepted, --as resend) or who knows (--mail-log FILE).',
      2,
    );
  if (mailLog !== undefined && subscription !== undefined)
    throw new Refusal('A mail log decides about every reader. --subscription goes with --as.', 2);
}

async function byWord(
  context: Context,
  digest: Digest,
  { as = 'accepted', subscription, yes }: ResolveOptions,
): Promise<Report> {
  if (as === 'resend' && yes !== true)
    await ask('Send them again, though some readers may have it already?', 'Nothing was changed.');
  const resolved = await resolveDigest(context, digest.id, { as, subscriptionId: subscription });
  settle('resolve', resolved);
  const count = resolved.kind === 'done' ? resolved.count : 0;
  if (count === 0) throw new Refusal(NOTHING_IN_DOUBT);
  const what = as === 'accepted' ? 'counted as arrived' : 'sent again';
  return { done: { changed: true, count }, lines: [`${mails(count)} ${isOrAre(count)} ${what}.`] };
}

const NOTHING_IN_DOUBT = 'No mail of it is uncertain. Nothing was changed.';

async function byMailLog(context: Context, digest: Digest, file: string): Promise<Report> {
  const settled = await resolveByMailLog(context, digest.id, file);
  if (settled.kind === 'unreadable') throw new Refusal(settled.reason);
  settle('resolve', settled);
  if (settled.kind !== 'done') return { done: { changed: false }, lines: [] };
  const { kind: _, ...counts } = settled;
  const { accepted, queued, skipped } = counts;
  const lines = findings(counts);
  if (lines.length === 0) throw new Refusal(NOTHING_IN_DOUBT);
  return { done: { changed: accepted + queued + skipped > 0, ...counts }, lines };
}

/** One sentence for each kind of mail there was. */
function findings({ accepted, queued, skipped, unclear, uncovered, busy, from, until }: Settled): string[] {
  const covered = from && until ? `It goes from ${from.toISOString()} to ${until.toISOString()}. ` : '';
  const sentences: [number, string][] = [
    [accepted, `found in the log and counted as accepted.`],
    [queued, 'certainly not taken by the server, and sent again.'],
    [skipped, 'certainly not taken by the server, and not sent again: the digest is cancelled or too old.'],
    [unclear, 'still in doubt: the server has seen it, and the log does not say whether it took it.'],
    [
      uncovered,
      `still in doubt: not in the log, which proves nothing by that. ${covered}` +
        'It has to begin before the digest, end ten minutes after the doubt, and hold what was certainly taken.',
    ],
    [busy, 'still in doubt for now: a worker is sending others beside it. Try again in a minute.'],
  ];
  return sentences.flatMap(([count, what]) =>
    count === 0 ? [] : [`${mails(count)} ${isOrAre(count)} ${what}`],
  );
}

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function resolution(word: string): Resolution {
  const found = resolutions.find((each) => each === word);
  if (found === undefined) throw new InvalidArgumentError(`It is one of ${resolutions.join(', ')}.`);
  return found;
}

function subscriptionId(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw new InvalidArgumentError('It is the id of a subscription.');
  return text;
}
