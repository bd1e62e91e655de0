import { Option, type Command } from 'commander';
import {
  readFirstDeliveries,
  readNamedDeliveries,
  type NamedDelivery,
} from '../../../dashboard/named-deliveries.js';
import { summariseDigest, type DigestSummary } from '../../../dashboard/overview.js';
import { deliveryStates, type DeliveryCounts, type DeliveryState } from '../../../deliveries/delivery.js';
import { describeSendTime } from '../../../digests/send-time.js';
import type { Config } from '../../../platform/config.js';
import type { Context } from '../../../platform/context.js';
import type { ReadConfig } from '../../read-config.js';
import { CliError } from '../../cli-error.js';
import { listLines, print } from '../../output.js';
import { withContext } from '../../servers.js';
import { wholeNumberFrom } from '../../whole-number.js';
import { describeWaits } from '../next-attempt.js';
import { parseId } from '../../parse-id.js';
import { chooseDigest, DIGEST_ID } from './choose-digest.js';

type ShowOptions = { json?: boolean; state?: DeliveryState; limit?: number; cursor?: string };

const SHOWN_PER_STATE = 10;
const PAGE_SIZE = 100;

/** Adds `digest show`. */
export function showCommand(digest: Command, config: ReadConfig): void {
  digest
    .command('show')
    .description('one digest, its ledger, and whose mails they are, with the mail servers’ words')
    .argument('<id>', DIGEST_ID)
    .addOption(
      new Option('--state <state>', 'everybody whose mail is in it, in pages').choices(deliveryStates),
    )
    .option('--limit <n>', 'with --state: how many on a page', wholeNumberFrom(1))
    .option('--cursor <id>', 'with --state: the next page: the id that the page before ended with')
    .option('--json', 'answer as JSON')
    .action((id: string, options: ShowOptions) => show(config(), id, options));
}

async function show(config: Config, id: string, options: ShowOptions): Promise<void> {
  const { state, limit, cursor } = options;
  if (state === undefined && (limit !== undefined || cursor !== undefined))
    throw new CliError('--limit and --cursor go with --state.', 2);
  const before = cursor === undefined ? undefined : parseId(cursor, CURSOR);
  const { sent, ...digest } = await withContext(config, async (context) => {
    const summary = await summariseDigest(context, await chooseDigest(context, id));
    const { deliveries, nextCursor } =
      state === undefined
        ? { deliveries: await readFirstDeliveries(context, summary, SHOWN_PER_STATE), nextCursor: undefined }
        : await readNamedDeliveries(context, {
            digestId: summary.id,
            state,
            before,
            limit: limit ?? PAGE_SIZE,
          });
    const waitsFor = await describeWaits(context, summary);
    const page = { deliveries, ...(nextCursor !== undefined && { nextCursor }) };
    return { ...summary, waitsFor, ...page, sent: formatSendTime(context, summary) };
  });
  const { subject, reason, waitsFor, deliveries, nextCursor, counts } = digest;
  const stateReason = reason === null ? [] : [`${digest.state}: ${reason}`];
  const more = nextCursor === undefined ? moreLines(digest.id, counts) : pageLines(nextCursor);
  print(options, digest, [
    subject ?? 'Being prepared',
    formatCounts(digest),
    `Sent: ${sent}`,
    ...stateReason,
    ...waitsFor,
    ...(deliveries.length === 0 ? [] : ['', ...deliveryLines(deliveries), ...more]),
  ]);
}

const CURSOR = { what: 'the last reader of a page', list: 'digest show ID --state STATE' };

function deliveryLines(deliveries: readonly NamedDelivery[]): string[] {
  const headings = ['Subscription', 'Reader', 'State', 'Since', 'Next attempt', 'What the mail server said'];
  return listLines(headings, deliveries.map(deliveryRow), '');
}

function deliveryRow(delivery: NamedDelivery): string[] {
  const { subscription, email, hasMoved, state, updatedAt, nextAttemptAt, answer } = delivery;
  const reader = email ?? '(erased)';
  return [
    subscription,
    hasMoved ? `${reader} (another address then)` : reader,
    state,
    updatedAt.toISOString(),
    nextAttemptAt?.toISOString() ?? '',
    answer ?? '',
  ];
}

function moreLines(id: string, counts: DeliveryCounts): string[] {
  return deliveryStates
    .filter((state) => counts[state] > SHOWN_PER_STATE)
    .map((state) => `All ${counts[state]} who are ${state}: paperround digest show ${id} --state ${state}`);
}

function pageLines(nextCursor: string | null): string[] {
  return nextCursor === null ? [] : [`More: --cursor ${nextCursor}`];
}

export function formatSendTime({ now, templates }: Context, digest: DigestSummary): string {
  const formatTime = (moment: Date) => moment.toISOString();
  return describeSendTime(digest, { now: now(), formatTime, words: templates.operatorWords });
}

export function formatCounts({ counts }: DigestSummary): string {
  const { planned, ...states } = counts;
  const parts = Object.entries(states).filter(([, count]) => count > 0);
  return `planned ${planned} = ${parts.map(([state, count]) => `${state} ${count}`).join(' + ') || '0'}`;
}
