import { InvalidArgumentError, type Command } from 'commander';
import { resolveByMailLog } from '../../../deliveries/reconcile/reconcile-uncertain.js';
import { DIGEST_ACTIONS } from '../../../deliveries/control/digest-actions.js';
import type { Resolution } from '../../../deliveries/control/resolve-digest.js';
import type { ReconcileResult } from '../../../deliveries/reconcile/reconcile-digest.js';
import { describeLogDoubt, logDoubts, type LogDoubt } from '../../../deliveries/log-doubt.js';
import type { Digest } from '../../../digests/digest.js';
import type { Context } from '../../../platform/context.js';
import { confirmOrAbort } from '../../confirm-prompt.js';
import { changedOrThrow, type ActionReport } from './action-result.js';
import { CliError } from '../../cli-error.js';
import { countNoun } from '../../../platform/text/count-noun.js';

export type ResolveOptions = { as?: Resolution; mailLog?: string; subscription?: string; yes?: boolean };

const inputSchemas = DIGEST_ACTIONS.resolve.input.shape;

/** Adds the options of `digest resolve`. */
export function resolveOptions(command: Command): void {
  command
    .option('--as <what>', 'accepted: they arrived; resend: send them again all the same', parseResolution)
    .option(
      '--mail-log <file>',
      'what the log of the mail server proves, and no more; journal: the journal of this system',
    )
    .option(
      '--subscription <id>',
      'with --as: of this reader only; the id of her subscription, as digest show shows it',
      parseSubscriptionId,
    )
    .option('--yes', 'with --as resend: do not ask; needed where there is no terminal')
    .hook('preAction', () => requireOneMethod(command.opts<ResolveOptions>()));
}

/** Resolves uncertain mails by the operator's decision, or by the mail server's log. */
export function resolve(context: Context, digest: Digest, options: ResolveOptions): Promise<ActionReport> {
  const { mailLog } = options;
  return mailLog === undefined
    ? resolveByDecision(context, digest, options)
    : resolveFromMailLog(context, digest, mailLog);
}

function requireOneMethod({ as, mailLog, subscription }: ResolveOptions): void {
  if ((as === undefined) === (mailLog === undefined))
    throw new CliError(
      'Say either what became of them (--as accepted, --as resend) or who knows (--mail-log FILE, or journal).',
      2,
    );
  if (mailLog !== undefined && subscription !== undefined)
    throw new CliError('A mail log decides about every reader. --subscription goes with --as.', 2);
}

async function resolveByDecision(
  context: Context,
  digest: Digest,
  { as = 'accepted', subscription, yes }: ResolveOptions,
): Promise<ActionReport> {
  if (as === 'resend' && yes !== true)
    await confirmOrAbort('Send them again, though some readers may have it already?', 'Nothing was changed.');
  const resolved = await DIGEST_ACTIONS.resolve.act(context, digest.id, { as, subscriptionId: subscription });
  if (resolved.kind === 'nothing') throw new CliError(NOTHING_UNCERTAIN);
  changedOrThrow(context, 'resolve', resolved);
  const count = resolved.kind === 'done' ? resolved.count : 0;
  const what = as === 'accepted' ? 'counted as arrived' : 'sent again';
  return {
    done: { changed: true, count },
    lines: [`${countNoun(count, 'mail')} ${isOrAre(count)} ${what}.`],
  };
}

const NOTHING_UNCERTAIN = 'No mail of it is uncertain. Nothing was changed.';

async function resolveFromMailLog(context: Context, digest: Digest, file: string): Promise<ActionReport> {
  const reconciled = await resolveByMailLog(context, digest.id, file);
  if (reconciled.kind === 'unreadable') throw new CliError(reconciled.reason);
  changedOrThrow(context, 'resolve', reconciled);
  if (reconciled.kind !== 'done') return { done: { changed: false }, lines: [] };
  const { kind: _, ...counts } = reconciled;
  const { accepted, queued, skipped } = counts;
  const lines = describeFindings(counts);
  if (lines.length === 0) throw new CliError(NOTHING_UNCERTAIN);
  return { done: { changed: accepted + queued + skipped > 0, ...counts }, lines };
}

/** One sentence for each kind of mail there was. */
function describeFindings({
  accepted,
  queued,
  skipped,
  doubts,
  busy,
  from,
  until,
}: ReconcileResult): string[] {
  const covered = from && until ? ` It goes from ${from.toISOString()} to ${until.toISOString()}.` : '';
  const sentences: [number, string][] = [
    [accepted, `found in the log and counted as accepted.`],
    [queued, 'certainly not taken by the server, and sent again.'],
    [skipped, 'certainly not taken by the server, and not sent again: the digest is cancelled or too old.'],
    ...logDoubts.map((doubt): [number, string] => [
      doubts[doubt] ?? 0,
      `still unclear: ${lowerFirst(describeLogDoubt(doubt))}${isAboutTimes(doubt) ? covered : ''}`,
    ]),
    [busy, 'still unclear for now: a worker is sending others beside it. Try again in a minute.'],
  ];
  return sentences.flatMap(([count, what]) =>
    count === 0 ? [] : [`${countNoun(count, 'mail')} ${isOrAre(count)} ${what}`],
  );
}

const isAboutTimes = (doubt: LogDoubt) => ['begins-late', 'ends-early', 'lines-lost'].includes(doubt);
const lowerFirst = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function parseResolution(word: string): Resolution {
  const parsed = inputSchemas.as.safeParse(word);
  if (!parsed.success) throw new InvalidArgumentError(`It is one of ${inputSchemas.as.options.join(', ')}.`);
  return parsed.data;
}

function parseSubscriptionId(text: string): string {
  if (!inputSchemas.subscriptionId.safeParse(text).success)
    throw new InvalidArgumentError('It is the id of a subscription.');
  return text;
}
