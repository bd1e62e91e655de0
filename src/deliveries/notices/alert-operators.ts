import { mayChange } from '../../operators/operator.js';
import { listPublicationOperators } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { isolateEach } from '../../platform/process/isolate-faults.js';
import { faultCode } from '../../platform/process/row-fault.js';
import { ALERT_INTERVAL_MS, type AlertCause } from '../alerts/alert.js';
import { listCauses } from '../alerts/causes.js';
import { openAlert, resolveOtherAlerts } from '../alerts/writes.js';
import { enqueueNotice } from './enqueue-notice.js';

/**
 * Finds what waits for an operator to decide, and enqueues a mail about it to each owner and editor of the publication, and to
 * each administrator, and a POST to ALERT_URL: at most one for each cause a day. Without any receiver no alert is recorded, so
 * that the first operator who gets an account is mailed within a minute.
 */
export async function alertOperators(context: Pick<Context, 'config' | 'db' | 'log' | 'now'>): Promise<void> {
  const { config, db, now } = context;
  const isPosted = config.alertUrl !== undefined;
  const causes = await listCauses(db, now());
  await db.transaction((tx) => resolveOtherAlerts(tx, causes, now()));
  const receivers = new Map<string, string[]>();
  for (const { publicationId } of causes)
    if (!receivers.has(publicationId)) receivers.set(publicationId, await listReceivers(db, publicationId));
  const { failures } = await isolateEach(causes, async (cause) => {
    const operatorIds = receivers.get(cause.publicationId) ?? [];
    if (operatorIds.length === 0 && !isPosted) return;
    const isNew = await db.transaction((tx) => enqueueAlerts(tx, cause, { operatorIds, isPosted }, now()));
    const { kind, id, publicationId } = cause;
    if (isNew) context.log.warn({ event: 'alert.opened', cause: kind, id, publicationId });
  });
  for (const { row, error } of failures) {
    const { kind: cause, id, publicationId } = row;
    context.log.error({ event: 'alert.failed', cause, id, publicationId, code: faultCode(error) });
  }
}

async function listReceivers(db: Db, publicationId: string): Promise<string[]> {
  const operators = await listPublicationOperators(db, publicationId);
  return operators.filter(({ role }) => mayChange(role)).map(({ id }) => id);
}

/** @returns whether it is new: there was none about it within a day */
async function enqueueAlerts(
  tx: Tx,
  cause: AlertCause,
  { operatorIds, isPosted }: { operatorIds: readonly string[]; isPosted: boolean },
  now: Date,
): Promise<boolean> {
  const alert = await openAlert(tx, cause, now);
  if (alert === undefined) return false;
  const expiresAt = new Date(alert.openedAt.getTime() + ALERT_INTERVAL_MS);
  const { id: causeId, publicationId } = alert;
  if (isPosted) await enqueue(tx, 'post-alert', { alertId: alert.id }, now);
  for (const operatorId of operatorIds) {
    const row = { kind: 'alert' as const, causeId, publicationId, operatorId, expiresAt };
    await enqueueNotice(tx, row, now);
  }
  return true;
}
