import type { Command } from 'commander';
import { describeCancellation } from '../../../deliveries/control/cancellation-report.js';
import { DIGEST_ACTIONS } from '../../../deliveries/control/digest-actions.js';
import { isActionAllowed, type DigestAction } from '../../../digests/transition.js';
import type { Digest } from '../../../digests/digest.js';
import { findDigest } from '../../../digests/reads.js';
import type { Context } from '../../../platform/context.js';
import { confirmOrAbort } from '../../confirm-prompt.js';
import { findNextAttempt } from '../next-attempt.js';
import { chooseDigest, DIGEST_ID } from './choose-digest.js';
import { changedOrThrow, type ActionReport } from './action-result.js';
import { print } from '../../output.js';
import type { ReadConfig } from '../../read-config.js';
import { CliError } from '../../cli-error.js';
import { resolve, resolveOptions, type ResolveOptions } from './resolve.js';
import { withContext } from '../../servers.js';
import { countNoun } from '../../../platform/text/count-noun.js';

type Options = ResolveOptions & { json?: boolean };

/** `digest approve|pause|resume|cancel|retry|resolve`. Each can be run twice: the second time changes nothing. */
export function digestControlCommands(digest: Command, config: ReadConfig): void {
  const control = (verb: DigestAction, description: string, act: Operate) =>
    digest
      .command(verb)
      .description(description)
      .argument('<id>', DIGEST_ID)
      .option('--json', 'answer as JSON')
      .action(async (id: string, options: Options) => {
        const { done, lines } = await withContext(config(), async (context) => {
          const chosen = await chooseDigest(context, id);
          const report = await act(context, chosen, options);
          const state = (await findDigest(context.db, chosen.id))?.state;
          return { ...report, done: { id: chosen.id, state, ...report.done } };
        });
        print(options, done, lines);
      });

  control('approve', 'let a held digest go', approve);
  control('pause', 'stop sending it for now', pause);
  control('resume', 'go on sending a paused digest', resume);
  control('cancel', 'send it to nobody else, for good', cancel).option(
    '--yes',
    'do not ask; needed where there is no terminal',
  );
  control('retry', 'try again what failed: delayed, refused or given up', retry);
  resolveOptions(control('resolve', 'decide about mails that may or may not have arrived', resolve));
}

type Operate = (context: Context, digest: Digest, options: Options) => Promise<ActionReport>;

/** An action that takes nothing besides the digest, in words for when it was done and for when it was so before. */
function changeOnly(action: 'approve' | 'pause' | 'resume', now: string, before: string): Operate {
  return async (context, { id }) => {
    const isNew = changedOrThrow(context, action, await DIGEST_ACTIONS[action].act(context, id));
    return { done: { changed: isNew }, lines: [isNew ? now : `${before} Nothing was changed.`] };
  };
}

const approve = changeOnly(
  'approve',
  'Approved. Its readers are mailed as each is due.',
  'It needs no approval any more.',
);

const pause = changeOnly(
  'pause',
  'Paused. Within two seconds nothing more is handed over; the rest waits. Go on with: digest resume',
  'It was paused before.',
);

const resume = changeOnly('resume', 'Resumed. Who was not sent it yet is sent it now.', 'It is being sent.');

async function cancel(context: Context, digest: Digest, { yes }: Options): Promise<ActionReport> {
  if (yes !== true && isActionAllowed(digest.state, 'cancel'))
    await confirmOrAbort('Send it to nobody else? This cannot be undone.', 'Nothing was changed.');
  const isNew = changedOrThrow(context, 'cancel', await DIGEST_ACTIONS.cancel.act(context, digest.id));
  const { db, templates } = context;
  const { explanation, ...cancelled } = await describeCancellation(db, digest, templates.operatorWords);
  return {
    done: { changed: isNew, ...cancelled },
    lines: [isNew ? 'Cancelled.' : 'It was cancelled before.', ...explanation],
  };
}

async function retry(context: Context, digest: Digest): Promise<ActionReport> {
  const retried = await DIGEST_ACTIONS.retry.act(context, digest.id);
  if (retried.kind === 'nothing') throw new CliError(nothingFailedMessage(retried.suppressed));
  changedOrThrow(context, 'retry', retried);
  if (retried.kind !== 'done') return { done: { changed: false }, lines: [] };
  const { failed } = retried;
  const { deferred, rejected, skipped } = failed;
  const count = deferred + rejected + skipped;
  const next = await findNextAttempt(context, (await findDigest(context.db, digest.id)) ?? digest);
  return {
    done: { changed: true, ...failed, nextAttemptAt: next.at },
    lines: [
      `Trying ${countNoun(count, 'mail')} again: ${deferred} delayed, ${rejected} refused, ${skipped} given up.`,
      ...next.sentences,
      ...suppressedLines(failed.suppressed),
    ],
  };
}

function nothingFailedMessage(suppressed: number): string {
  return [
    'Nothing of it failed that may be tried again. Nothing was changed.',
    ...suppressedLines(suppressed),
  ].join(' ');
}

function suppressedLines(count: number): string[] {
  if (count === 0) return [];
  return [`${count} refused ${count === 1 ? 'address is' : 'addresses are'} suppressed and never mailed.`];
}
