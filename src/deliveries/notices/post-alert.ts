import type { Context } from '../../platform/context.js';
import { findPublication } from '../../publications/reads.js';
import { ALERT_INTERVAL_MS } from '../alerts/alert.js';
import { findAlert } from '../alerts/reads.js';
import { readAlertContent } from './compose-alert.js';

type PostContext = Pick<
  Context,
  'config' | 'db' | 'now' | 'log' | 'publicUrl' | 'templates' | 'fetchPage' | 'alertSigner'
>;

/**
 * POSTs an alert to ALERT_URL, for what mail cannot tell: that mail is broken. Nothing is sent when its cause is over. No
 * redirect is followed.
 * @throws when the receiver does not answer with a status of 2xx: the job is tried again, for a day
 */
export async function postAlert(context: PostContext, alertId: string): Promise<void> {
  const { config, db, now, log, fetchPage, alertSigner } = context;
  const alert = await findAlert(db, alertId);
  if (config.alertUrl === undefined || alert === undefined) return;
  if (now().getTime() - alert.openedAt.getTime() >= ALERT_INTERVAL_MS)
    return log.error({ event: 'alert.not-posted', id: alertId, cause: alert.kind });
  const publication = await findPublication(db, alert.publicationId);
  if (publication === undefined) return;
  const content = await readAlertContent(context, alertId, publication);
  if (content === undefined) return;
  const { path, button: _, ...text } = content;
  const body = JSON.stringify({
    type: 'alert.opened',
    timestamp: alert.openedAt,
    data: {
      id: alertId,
      kind: alert.kind,
      publication: publication.slug,
      ...text,
      url: context.publicUrl + path,
    },
  });
  const headers = alertSigner.headersFor(alertId, now(), body);
  const result = await fetchPage(config.alertUrl, { json: { body, headers } });
  if (result.kind === 'fetched') return;
  const failure = 'failure' in result ? result.failure : { code: result.kind };
  throw new Error(`ALERT_URL did not take an alert: ${JSON.stringify(failure)}`);
}
