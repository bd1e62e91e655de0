import { findRole } from '../../operators/permissions.js';
import type { Context } from '../../platform/context.js';
import type { RenderedEmail } from '../../platform/templates/templates.js';
import { shortenUuid } from '../../platform/uuid.js';
import { OPERATOR_LOCALE } from '../../platform/text/translations.js';
import type { Publication } from '../../publications/publication.js';
import { isUnreachable } from '../../transports/circuits/circuit.js';
import type { AlertCause } from '../alerts/alert.js';
import { findCause } from '../alerts/causes.js';
import type { AlertContent } from '../alerts/content.js';
import { describeCause } from '../alerts/describe-cause.js';
import type { AddressedNotice } from './recipient.js';

/**
 * What waits for an operator to decide, as a mail: what happened, what became of readers' mail, and what can be chosen, where.
 * No link in it signs anybody in, because mail is forwarded. Undefined: its cause is over.
 * @param transportId the server that it goes through
 */
export async function composeAlert(
  context: Pick<Context, 'db' | 'now' | 'publicUrl' | 'templates'>,
  { notice, to }: Extract<AddressedNotice, { kind: 'to-operator' }>,
  { publication, transportId }: { publication: Publication; transportId: number },
): Promise<RenderedEmail | undefined> {
  const found = await readAlertContent(context, notice.causeId, publication, transportId);
  if (found === undefined) return undefined;
  const { path: _, ...content } = found;
  const { publicUrl, templates } = context;
  return templates.email('alert', OPERATOR_LOCALE, {
    ...content,
    publication,
    email: to.email,
    role: to.isAdministrator ? 'administrator' : ((await findRole(context.db, to, publication.id)) ?? null),
    url: `${publicUrl}/operator/alerts/${shortenUuid(notice.causeId)}`,
    enter: `npx paperround operator link ${to.email}`,
  });
}

/**
 * What an alert says now. Undefined: its cause is over.
 * @param transportId the server through which it is mailed: when it is read, that one lets us in
 */
export async function readAlertContent(
  { db, now, templates }: Pick<Context, 'db' | 'now' | 'templates'>,
  alertId: string,
  publication: Publication,
  transportId?: number,
): Promise<AlertContent | undefined> {
  const cause = await findCause(db, alertId, now());
  if (cause === undefined) return undefined;
  return describeCause(asOfArrival(cause, transportId, now()), {
    publication,
    now: now(),
    t: (key, values) => templates.t(OPERATOR_LOCALE, `alertMail.${key}`, values),
    words: templates.operatorWords,
  });
}

function asOfArrival(cause: AlertCause, transportId: number | undefined, now: Date): AlertCause {
  if (cause.kind !== 'open-circuit' || cause.circuit.transportId !== transportId) return cause;
  if (!isUnreachable(cause.circuit)) return cause;
  return { ...cause, circuit: { ...cause.circuit, closedAt: cause.circuit.closedAt ?? now } };
}
