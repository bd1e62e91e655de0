import type { Context } from '../../platform/context.js';
import { recordEvents, type RecordContext } from '../record/record-events.js';
import type { Hook } from './hook.js';
import { readRequest } from './read-request.js';
import { findRequest, listRequestsToRetry, type StoredRequest } from './reads.js';
import { isSimulatedBounce } from './ses.js';
import {
  insertRequest,
  markRequestRecorded,
  postponeRequest,
  recordHookEvent,
  returnTestBounces,
} from './writes.js';

type ReceiveContext = RecordContext & Pick<Context, 'log'>;

/** used: another body came under this key. */
export type Received = 'recorded' | 'repeated' | 'used';

/**
 * Takes a genuine request: stores it, and then records its events, which may come again and in any order. Once this has
 * returned, the provider may forget it.
 * @param key by which the request is known when it comes again
 * @throws when the database is away: the provider sends it again
 */
export async function receiveRequest(
  context: ReceiveContext,
  hook: Pick<Hook, 'id' | 'provider'>,
  { key, body }: { key: string; body: Buffer },
): Promise<Received> {
  const { db, now } = context;
  const receivedAt = now();
  const inserted = await db.transaction((tx) =>
    insertRequest(tx, { hookId: hook.id, key, body }, receivedAt),
  );
  if (inserted !== undefined) {
    await recordRequest(context, { ...inserted, hookId: hook.id, provider: hook.provider, body, receivedAt });
    return 'recorded';
  }
  const before = await findRequest(db, hook.id, key);
  if (before !== undefined && !before.body.equals(body)) return 'used';
  if (before === undefined || before.recordedAt !== null) return 'repeated';
  await recordRequest(context, before);
  return 'recorded';
}

/** Records the events of a stored request. Again it changes nothing. */
async function recordRequest(context: ReceiveContext, request: StoredRequest): Promise<void> {
  const { db, log, now } = context;
  const { id, hookId, provider, body, receivedAt } = request;
  const { events, ignored, unread } = readRequest(provider, body, receivedAt);
  const { recorded, failures } = await recordEvents(context, events);
  const counts = { recorded: recorded.length, ignored, unread: unread + failures.length };
  await db.transaction(async (tx) => {
    if ((await markRequestRecorded(tx, id, counts, now())) === 0) return;
    await recordHookEvent(tx, hookId, receivedAt);
    if (provider === 'ses' && tellsOfTestBounce(body)) await returnTestBounces(tx, hookId, now());
  });
  if (counts.unread > 0) log.warn({ event: 'hook.unread', provider, requestId: id, unread: counts.unread });
}

function tellsOfTestBounce(body: Buffer): boolean {
  try {
    return isSimulatedBounce(JSON.parse(body.toString('utf8')));
  } catch {
    return false;
  }
}

const RETRIES_A_RUN = 50;

/** A web process that dies between storing a request and recording it leaves it to this. One that throws stops no other. */
export async function recordLeftRequests(context: ReceiveContext & Pick<Context, 'stopping'>): Promise<void> {
  const { db, now, log, stopping } = context;
  for (const request of await listRequestsToRetry(db, now(), RETRIES_A_RUN)) {
    if (stopping.aborted) return;
    try {
      await recordRequest(context, request);
    } catch (error) {
      log.error({ event: 'hook.request-failed', requestId: request.id, err: error });
      await db.transaction((tx) => postponeRequest(tx, request, now()));
    }
  }
}
