import { noteReturned, type BouncedReader } from '../../deliveries/mailed/note-returned.js';
import type { Tx } from '../../platform/db/database.js';
import { countNewReturns } from './reads.js';
import type { NewEvent } from './writes.js';

/** Notes what these events, which are stored already, say of digests and of readers' addresses. What is about us says nothing. */
export async function noteReturnedMail(tx: Tx, fresh: readonly NewEvent[], now: Date): Promise<void> {
  const returned = fresh.filter(
    ({ match, scope, class: of }) =>
      match === 'delivery' && (of === 'complaint' || (isBounce(of) && scope !== 'us')),
  );
  if (returned.length === 0) return;
  const counted = returned.filter(({ class: of }) => of !== 'soft');
  const returns =
    counted.length === 0
      ? []
      : await countNewReturns(
          tx,
          counted.map(({ key }) => key),
        );
  await noteReturned(tx, { returns, bounced: returned.flatMap(toBouncedReader) }, now);
}

function isBounce(of: NewEvent['class']): boolean {
  return of === 'hard' || of === 'soft';
}

function toBouncedReader({
  class: of,
  publicationId,
  subscriptionId,
  occurredAt,
}: NewEvent): BouncedReader[] {
  if (!isBounce(of) || publicationId === null || subscriptionId === null) return [];
  return [{ publicationId, subscriptionId, at: occurredAt }];
}
