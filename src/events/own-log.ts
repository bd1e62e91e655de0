import {
  readDeliveryLog,
  type DeliveryStatus,
  type LogEntry,
} from '../deliveries/self-service/delivery-log.js';
import type { Context } from '../platform/context.js';
import { listLastEventsOfReader, type DeliveryEvent } from './reads.js';

/** The last mails that were for a reader, newest first, with what came back of those that were accepted. */
export async function readOwnLog(
  { db }: Pick<Context, 'db'>,
  reader: { id: string; publicationId: string },
): Promise<LogEntry[]> {
  const log = await readDeliveryLog({ db }, reader);
  const events = await listLastEventsOfReader(
    db,
    reader.id,
    log.map(({ digestId }) => digestId),
  );
  const byDigest = new Map(events.map((event) => [event.digestId, event]));
  return log.map((entry) => {
    const event = entry.status === 'accepted' ? byDigest.get(entry.digestId) : undefined;
    return event === undefined ? entry : { ...entry, status: statusOf(event) };
  });
}

/** As the few things that it means to a reader (RFC 3463). */
function statusOf({ class: of, status }: DeliveryEvent): DeliveryStatus {
  if (of === 'complaint') return 'complained';
  if (of === 'hard') return 'laterNoMailbox';
  return of === 'soft' && /^[45]\.2\.2$/.test(status ?? '') ? 'laterMailboxFull' : 'laterRefused';
}
