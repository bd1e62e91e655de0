import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import { countFailedInbound } from '../../platform/mail/inbound/inbound-mails.js';
import { listFailingMailboxes, type FailingMailbox } from '../../platform/mail/inbound/mailboxes.js';
import type { Publication } from '../../publications/publication.js';
import type { AlertCause } from './alert.js';

/** A server that does not answer may restart; a login that is refused, and a folder that is not there, stay so. */
const MIN_UNREACHABLE_MS = 10 * MINUTE_MS;
/** Mails that failed earlier are only listed: operators have been mailed about them all week. */
const MAX_FAILED_AGE_MS = 7 * DAY_MS;

/** That what comes back is not heard. The alert is in the name of the oldest publication, whose id is the cause's. */
export async function listInboundCauses(
  db: Db | Tx,
  publications: readonly Pick<Publication, 'id'>[],
  now: Date,
): Promise<AlertCause[]> {
  const [oldest] = publications;
  if (oldest === undefined) return [];
  const ids = { id: oldest.id, publicationId: oldest.id };
  const mailboxes = (await listFailingMailboxes(db, now)).filter((mailbox) => isForOperators(mailbox, now));
  const failed = await countFailedInbound(db, new Date(now.getTime() - MAX_FAILED_AGE_MS));
  return [
    ...mailboxes.slice(0, 1).map((mailbox) => ({ ...ids, kind: 'unread-mailbox' as const, mailbox })),
    ...(failed === 0 ? [] : [{ ...ids, kind: 'failed-mails' as const, count: failed }]),
  ];
}

function isForOperators({ failure, failingSince }: FailingMailbox, now: Date): boolean {
  return failure !== 'connection' || now.getTime() - failingSince.getTime() >= MIN_UNREACHABLE_MS;
}
