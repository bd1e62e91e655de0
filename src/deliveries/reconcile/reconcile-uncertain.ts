import { setTimeout as sleep } from 'node:timers/promises';
import { isActionAllowed, type DigestActionResult } from '../../digests/transition.js';
import { findDigest } from '../../digests/reads.js';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../platform/durations.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import type { UnreadableLog } from '../../platform/mail/log/search.js';
import { isolateEach } from '../../platform/process/isolate-faults.js';
import type { Transport } from '../../platform/mail/smtp/mailer.js';
import type { RegisteredTransport } from '../../transports/transport.js';
import { LOG_WAIT_MS } from './check-mail-logs.js';
import { reconcileNotices } from './reconcile-notices.js';
import { listReconcilableDigests } from './reads.js';
import { reconcileDigest, type MailLogContext, type ReconcileResult } from './reconcile-digest.js';

/** A mail server with its id; its log is searched where its policy is `reconcile`. */
export type ReconcilableTransport = Pick<Transport, 'name' | 'visit'> &
  Pick<RegisteredTransport, 'id'> & { settings: Pick<Transport['settings'], 'uncertainPolicy' | 'mailLog'> };

const WEEK_MS = 7 * DAY_MS;

/**
 * Finds out what became of uncertain deliveries and notices from the mail log of the server they went to: found there, they
 * are accepted; certainly not taken, they are queued again; else they stay uncertain, and the reason is noted. What has been so for more than an
 * hour, or is in a digest too old to be sent, is looked up once an hour, and after a week no more. Runs every minute; twice
 * at once does no harm.
 * @param transports all servers of SMTP_URL
 */
export async function reconcileUncertain(
  context: MailLogContext,
  transports: readonly ReconcilableTransport[],
): Promise<void> {
  const { db, now } = context;
  const withLog = transports.flatMap(({ settings: { uncertainPolicy, mailLog }, ...server }) =>
    uncertainPolicy === 'reconcile' && mailLog !== undefined
      ? [{ ...server, mailLog, visit: visitOnce(server) }]
      : [],
  );
  if (withLog.length === 0) return;
  const since = (ms: number) => new Date(now().getTime() - ms);
  const isHourly = now().getUTCMinutes() === 0;
  const span = { after: since(isHourly ? WEEK_MS : HOUR_MS), upTo: since(LOG_WAIT_MS) };
  const run = await beginIsolatedRun(context, 'reconcile');
  const digests = await listReconcilableDigests(db, since(isHourly ? WEEK_MS : 0));
  const { failures } = await isolateEach(
    digests.filter(({ id }) => !run.waiting.has(id)),
    async ({ id: digestId }) => {
      for (const { id: transportId, name, mailLog, visit } of withLog) {
        const query = { digestId, transportId, ...span, byOperator: false };
        const result = await reconcileDigest(context, query, mailLog, visit);
        logResult(context, { digestId, transport: name }, result);
      }
    },
  );
  for (const { row, error } of failures)
    await run.fail({ kind: 'digest', rowId: row.id, publicationId: row.publicationId }, error);
  const logs = {
    files: withLog.map(({ mailLog }) => mailLog),
    isEverywhere: withLog.length === transports.length,
    beforeReading: async () => void (await Promise.all(withLog.map(({ visit }) => visit()))),
  };
  await reconcileNotices(context, run, logs, span);
  await run.finish();
}

/** What was logged is in the log's file by then. */
const LOG_DELAY_MS = SECOND_MS;

/**
 * Once in a run: a server that nobody mails logs nothing, and only a line from after the doubt shows that the log goes on. One
 * that cannot be reached leaves the log as it is, and that says so.
 */
function visitOnce({ visit }: Pick<Transport, 'visit'>): () => Promise<void> {
  let visited: Promise<void> | undefined;
  return () =>
    (visited ??= visit().then(
      () => sleep(LOG_DELAY_MS),
      () => {},
    ));
}

function logResult(
  { log }: MailLogContext,
  which: { digestId: string; transport: string },
  result: ({ kind: 'done' } & ReconcileResult) | UnreadableLog,
): void {
  if (result.kind === 'unreadable')
    return log.warn({ event: 'mail-log.unreadable', ...which, reason: result.reason });
  const { accepted, queued, skipped, doubts } = result;
  if (accepted + queued + skipped > 0)
    log.info({ event: 'digest.reconciled', ...which, accepted, queued, skipped, doubts });
}

/**
 * An operator gives a mail log that shows what became of a digest's uncertain deliveries, whichever server they went to.
 * What it proves is recorded, the rest is left for the operator to decide. A second time finds only the rest.
 * @param file the newest of its files; what was rotated is found beside it
 */
export async function resolveByMailLog(
  context: MailLogContext,
  digestId: string,
  file: string,
): Promise<DigestActionResult<ReconcileResult> | UnreadableLog> {
  const digest = await findDigest(context.db, digestId);
  if (digest === undefined) return { kind: 'unknown' };
  if (!isActionAllowed(digest.state, 'resolve')) return { kind: 'refused', state: digest.state };
  const everything = { transportId: undefined, after: new Date(0), upTo: context.now() };
  return reconcileDigest(context, { digestId, ...everything, byOperator: true }, file);
}
