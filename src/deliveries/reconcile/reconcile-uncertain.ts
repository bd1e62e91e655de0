import { isActionAllowed, type DigestActionResult } from '../../digests/transition.js';
import { findDigest } from '../../digests/reads.js';
import type { UnreadableLog } from '../../platform/mail/log/search.js';
import type { Transport } from '../../platform/mail/smtp/mailer.js';
import type { RegisteredTransport } from '../../transports/transport.js';
import { UNCERTAIN_WAIT_MS } from '../delivery.js';
import { reconcileNotices } from './reconcile-notices.js';
import { listReconcilableDigests } from './reads.js';
import { reconcileDigest, type MailLogContext, type ReconcileResult } from './reconcile-digest.js';

type ReconcileContext = MailLogContext;

/** A mail server with its id; its log is searched where its policy is `reconcile`. */
export type ReconcilableTransport = Pick<Transport, 'name'> &
  Pick<RegisteredTransport, 'id'> & { settings: Pick<Transport['settings'], 'uncertainPolicy' | 'mailLog'> };

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/**
 * Decides about deliveries and notices in doubt by asking the mail log of the server they went to: found there, they are
 * accepted; certainly not taken, they are queued again; else they stay as they are. What has been in doubt for more than an
 * hour, or is in a digest too old to be sent, is looked for once an hour, and after a week no more. Meant for every minute;
 * twice at once does no harm.
 * @param transports all servers of SMTP_URL
 */
export async function reconcileUncertain(
  context: ReconcileContext,
  transports: readonly ReconcilableTransport[],
): Promise<void> {
  const { db, now } = context;
  const logging = transports.flatMap(({ id, name, settings: { uncertainPolicy, mailLog } }) =>
    uncertainPolicy === 'reconcile' && mailLog !== undefined ? [{ id, name, mailLog }] : [],
  );
  if (logging.length === 0) return;
  const since = (ms: number) => new Date(now().getTime() - ms);
  const isHourly = now().getUTCMinutes() === 0;
  const span = { after: since(isHourly ? WEEK_MS : HOUR_MS), upTo: since(UNCERTAIN_WAIT_MS) };
  for (const { id: digestId } of await listReconcilableDigests(db, since(isHourly ? WEEK_MS : 0))) {
    for (const { id: transportId, name, mailLog } of logging) {
      const settled = await reconcileDigest(context, { digestId, transportId, ...span }, mailLog);
      logResult(context, { digestId, transport: name }, settled);
    }
  }
  const files = logging.map(({ mailLog }) => mailLog);
  await reconcileNotices(context, { files, isEverywhere: logging.length === transports.length }, span);
}

function logResult(
  { log }: ReconcileContext,
  which: { digestId: string; transport: string },
  settled: ({ kind: 'done' } & ReconcileResult) | UnreadableLog,
): void {
  if (settled.kind === 'unreadable')
    return log.warn({ event: 'mail-log.unreadable', ...which, reason: settled.reason });
  const { accepted, queued, skipped, unclear, uncovered } = settled;
  if (accepted + queued + skipped > 0)
    log.info({ event: 'digest.reconciled', ...which, accepted, queued, skipped, unclear, uncovered });
}

/**
 * An operator gives the mail log that knows what became of a digest's mails in doubt, whichever server they went to. What it
 * proves is recorded, the rest is left for her to decide. A second time finds only the rest.
 * @param file the newest of its files; what was rotated is found beside it
 */
export async function resolveByMailLog(
  context: ReconcileContext,
  digestId: string,
  file: string,
): Promise<DigestActionResult<ReconcileResult> | UnreadableLog> {
  const digest = await findDigest(context.db, digestId);
  if (digest === undefined) return { kind: 'unknown' };
  if (!isActionAllowed(digest.state, 'resolve')) return { kind: 'refused', state: digest.state };
  const everything = { transportId: undefined, after: new Date(0), upTo: context.now() };
  return reconcileDigest(context, { digestId, ...everything }, file);
}
