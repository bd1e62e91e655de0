import { findCredentialChange } from '../../operators/credentials/reads.js';
import { findOpenInvitation } from '../../operators/invitations/reads.js';
import { assignToAccount } from '../../operators/recovery/recover.js';
import { listOperatorRoles } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { isMailable } from '../../platform/mail/address.js';
import { noticeFrom } from '../../publications/from-header.js';
import type { Publication } from '../../publications/publication.js';
import { listPublications } from '../../publications/reads.js';
import { enqueueNotice } from './enqueue-notice.js';

type NoticeContext = Pick<Context, 'db' | 'now' | 'log'>;

/** News of how an account is signed in to is of use for so long. */
const CHANGE_LIFETIME_MS = 3 * DAY_MS;

/** Mails an invitation to its address, in the name of the publication that it is to. */
export function enqueueInvitation(
  { db, now }: Pick<Context, 'db' | 'now'>,
  invitationId: string,
): Promise<void> {
  return db.transaction(async (tx) => {
    const invitation = await findOpenInvitation(tx, invitationId, now());
    if (invitation === undefined || invitation.publicationId === null) return;
    const { publicationId, expiresAt } = invitation;
    const notice = { kind: 'operator-invitation' as const, causeId: invitationId, publicationId, expiresAt };
    await enqueueNotice(tx, notice, now());
  });
}

/** Mails the owner of an address a link to her account, if it has one. */
export function enqueueRecovery(
  context: NoticeContext & Pick<Context, 'hashAddress'>,
  recoveryId: string,
): Promise<void> {
  return context.db.transaction(async (tx) => {
    const assigned = await assignToAccount(tx, recoveryId, context);
    if (assigned === undefined) return;
    const { operator, recovery } = assigned;
    const kind = 'operator-recovery' as const;
    const notice = { kind, causeId: recoveryId, operatorId: operator.id, expiresAt: recovery.expiresAt };
    await enqueueToOperator(tx, context, notice);
  });
}

/** Tells an account's address that what it is signed in to with has changed. */
export function enqueueCredentialChange(context: NoticeContext, changeId: string): Promise<void> {
  const { db } = context;
  return db.transaction(async (tx) => {
    const change = await findCredentialChange(tx, changeId);
    if (change === undefined) return;
    const expiresAt = new Date(change.changedAt.getTime() + CHANGE_LIFETIME_MS);
    const { operatorId } = change;
    await enqueueToOperator(tx, context, {
      kind: 'operator-change',
      causeId: changeId,
      operatorId,
      expiresAt,
    });
  });
}

async function enqueueToOperator(
  tx: Tx,
  { log, now }: Pick<NoticeContext, 'log' | 'now'>,
  notice: {
    kind: 'operator-recovery' | 'operator-change';
    causeId: string;
    operatorId: string;
    expiresAt: Date;
  },
): Promise<void> {
  const sender = await findSenderFor(tx, notice.operatorId);
  if (sender === undefined) {
    log.warn({ event: 'notice.no-sender', kind: notice.kind, operatorId: notice.operatorId });
    return;
  }
  await enqueueNotice(tx, { ...notice, publicationId: sender.id }, now());
}

/** One that the operator knows, where it can send mail; else any that can. */
async function findSenderFor(tx: Tx, operatorId: string): Promise<Publication | undefined> {
  const roles = await listOperatorRoles(tx, operatorId);
  const senders = (await listPublications(tx)).filter((one) => isMailable(noticeFrom(one).address));
  return senders.find(({ id }) => roles.some(({ publicationId }) => publicationId === id)) ?? senders[0];
}
