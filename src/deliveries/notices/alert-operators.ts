import { mayChange } from '../../operators/operator.js';
import { listOperators } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { ALERT_INTERVAL_MS, type AlertCause } from '../alerts/alert.js';
import { listCauses } from '../alerts/causes.js';
import { openAlert, resolveOtherAlerts } from '../alerts/writes.js';
import { enqueueNotice } from './enqueue-notice.js';

/**
 * Finds what waits for an operator to decide, and enqueues a mail about it to each owner and editor: at most one for each cause
 * a day. Without any of them no alert is recorded, so that the first one who gets an account is mailed within a minute.
 */
export async function alertOperators({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const causes = await listCauses(db, now());
  const operators = (await listOperators(db)).filter(mayChange);
  await db.transaction(async (tx) => {
    await resolveOtherAlerts(tx, causes, now());
    if (operators.length === 0) return;
    for (const cause of causes) {
      await enqueueAlerts(
        tx,
        cause,
        operators.map(({ id }) => id),
        now(),
      );
    }
  });
}

async function enqueueAlerts(
  tx: Tx,
  cause: AlertCause,
  operatorIds: readonly string[],
  now: Date,
): Promise<void> {
  const alert = await openAlert(tx, cause, now);
  if (alert === undefined) return;
  const expiresAt = new Date(alert.openedAt.getTime() + ALERT_INTERVAL_MS);
  const { id: causeId, publicationId } = alert;
  for (const operatorId of operatorIds) {
    const row = { kind: 'alert' as const, causeId, publicationId, operatorId, expiresAt };
    await enqueueNotice(tx, row, now);
  }
}
