import type { Digest } from '../digests/digest.js';
import { findDigest } from '../digests/reads.js';
import { sendAgain } from '../digests/reopen.js';
import type { Context } from '../platform/context.js';
import type { UnreadableLog } from '../platform/mail/mail-log.js';
import { findPublication } from '../publications/reads.js';
import { askMailLogs, foundAs, notTaken, type LogVerdict, type LogVerdicts } from './ask-mail-logs.js';
import { BEFORE_ALL } from './chunks.js';
import { skipped, type BatchKey, type Ending } from './delivery.js';
import { messageId } from './mail-names.js';
import {
  listDoubts,
  listWitnesses,
  lockIdleBatch,
  type Doubt,
  type DoubtsWanted,
  type Place,
} from './reconcile-writes.js';
import { wakeBatch } from './wake-batch.js';
import { recordEndings } from './writes.js';

export type SettleContext = Pick<Context, 'db' | 'now' | 'log' | 'links'>;

/** What became of a digest's doubts; `from` and `until`: what the log covers. */
export type Settled = {
  accepted: number;
  queued: number;
  skipped: number;
  /** The server has seen them, and the log does not say whether it took them. */
  unclear: number;
  /** Not in the log, which proves nothing by that. */
  uncovered: number;
  /** A worker is at their batch: the next time finds them. */
  busy: number;
  from: Date | undefined;
  until: Date | undefined;
};

/** Rows whose message ids are looked for in one reading of the log. */
const PAGE = 5_000;
const MOST_WITNESSES = 100;

/** Asks one mail log about a digest's doubts, and records what it proves; page by page, and each batch by itself. */
export async function settleDigest(
  context: SettleContext,
  wanted: Omit<DoubtsWanted, 'limit'>,
  file: string,
): Promise<({ kind: 'done' } & Settled) | UnreadableLog> {
  const settled: Settled = { ...NOTHING };
  let place: Place | undefined = { batch: -1, subscriptionId: BEFORE_ALL };
  while (place !== undefined) {
    const doubts: Doubt[] = await listDoubts(context.db, { ...wanted, limit: PAGE }, place);
    if (doubts.length === 0) break;
    const answer = await askAbout(context, wanted, file, doubts);
    if (answer.kind === 'unreadable') return answer;
    Object.assign(settled, { from: answer.from, until: answer.until });
    for (const [number, judged] of byBatch(answer.verdicts))
      await settleBatch(context, { digestId: wanted.digestId, number }, judged, settled);
    place = doubts.length < PAGE ? undefined : doubts.at(-1);
  }
  return { kind: 'done', ...settled };
}

const NOTHING: Settled = {
  accepted: 0,
  queued: 0,
  skipped: 0,
  unclear: 0,
  uncovered: 0,
  busy: 0,
  from: undefined,
  until: undefined,
};

async function askAbout(
  { db, links }: SettleContext,
  { digestId, transportId }: Pick<DoubtsWanted, 'digestId' | 'transportId'>,
  file: string,
  doubts: readonly Doubt[],
): Promise<LogVerdicts<Doubt & { messageId: string }> | UnreadableLog> {
  const digest = await findDigest(db, digestId);
  const publication = digest && (await findPublication(db, digest.publicationId));
  if (publication === undefined) throw new Error(`Digest ${digestId} has deliveries and is not there.`);
  const nameOf = (subject: string) =>
    messageId(links, publication, { scope: digestId, subject }, digest?.keyId);
  const around = doubts[0]?.updatedAt ?? new Date();
  const found = await listWitnesses(db, { digestId, transportId }, around, MOST_WITNESSES);
  const witnesses = found.map(({ subject, heardAt }) => ({ messageId: nameOf(subject), heardAt }));
  const questions = doubts.map((row) => ({ ...row, messageId: nameOf(row.subscriptionId) }));
  return askMailLogs([file], questions, witnesses);
}

type Judged = { row: Doubt; verdict: LogVerdict };

function byBatch(verdicts: ReadonlyMap<Doubt, LogVerdict>): Map<number, Judged[]> {
  const batches = new Map<number, Judged[]>();
  for (const [row, verdict] of verdicts) {
    const judged = batches.get(row.batch) ?? [];
    judged.push({ row, verdict });
    batches.set(row.batch, judged);
  }
  return batches;
}

/** A batch that a worker is at is left alone: when to wake it next is what he is about to say. */
async function settleBatch(
  { db, now }: SettleContext,
  batch: BatchKey,
  judged: readonly Judged[],
  settled: Settled,
): Promise<void> {
  const endings = await db.transaction(async (tx) => {
    if ((await lockIdleBatch(tx, batch)) === undefined) return undefined;
    const digest = await findDigest(tx, batch.digestId);
    const rows = judged.flatMap(({ row, verdict }) => {
      const ending = digest && endingBy(verdict, digest, now());
      return ending === undefined ? [] : [{ ...row, ending }];
    });
    await recordEndings(tx, batch, rows, now());
    if (!rows.some(({ ending }) => ending.state === 'queued')) return rows;
    if (digest?.state === 'closed') await sendAgain(tx, batch.digestId, now());
    await wakeBatch(tx, batch, now());
    return rows;
  });
  if (endings === undefined) settled.busy += judged.length;
  else count(settled, judged, endings);
}

/** Undefined: it stays in doubt. What was cancelled or is too old goes out to nobody. */
function endingBy(verdict: LogVerdict, digest: Digest, now: Date): Ending | undefined {
  switch (verdict.kind) {
    case 'taken':
      return foundAs(verdict.queueId);
    case 'not-taken':
      if (digest.state === 'cancelled') return skipped('cancelled');
      return digest.expiresAt <= now ? skipped('expired') : notTaken();
    case 'unclear':
    case 'uncovered':
      return undefined;
  }
}

function count(settled: Settled, judged: readonly Judged[], endings: readonly { ending: Ending }[]): void {
  const ended = (state: Ending['state']) => endings.filter(({ ending }) => ending.state === state).length;
  const left = (kind: LogVerdict['kind']) => judged.filter(({ verdict }) => verdict.kind === kind).length;
  settled.accepted += ended('accepted');
  settled.queued += ended('queued');
  settled.skipped += ended('skipped');
  settled.unclear += left('unclear');
  settled.uncovered += left('uncovered');
}
