import type { Db } from '../../platform/db/database.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import { listReleaseStates, type ReleaseState } from '../reads.js';
import { describeHoldReason } from './describe-hold.js';

/** Why articles cannot be sent: `unknown` has the ids of none here, `unreleased` those that are not out. */
export type SendableResult =
  | { kind: 'all-released' }
  | { kind: 'unknown'; ids: string[] }
  | { kind: 'unreleased'; articles: ReleaseState[] };

/** Whether all of these are released articles of this publication: only those can be sent. */
export async function checkReleased(
  db: Db,
  publicationId: string,
  ids: readonly string[],
): Promise<SendableResult> {
  const found = await listReleaseStates(db, publicationId, ids);
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) return { kind: 'unknown', ids: unknown };
  const unreleased = found.filter(({ state }) => state !== 'released');
  return unreleased.length === 0 ? { kind: 'all-released' } : { kind: 'unreleased', articles: unreleased };
}

/** The state of an article that is not out, and when or how it may be, as a sentence for an operator. */
export function describeUnreleased(
  { id, state, releaseAt, holdReason }: ReleaseState,
  now: Date,
  words: OperatorWords,
): string {
  switch (state) {
    case 'waiting':
      return releaseAt > now
        ? `${id} waits, and is released at ${releaseAt.toISOString()}.`
        : `${id} is being released: try again in a moment.`;
    case 'held':
      return `${id} is held until an operator decides. ${holdReason === null ? '' : describeHoldReason(holdReason, words)}`.trim();
    case 'skipped':
      return `${id} counts as sent.`;
    case 'retracted':
      return `${id} was retracted.`;
    case 'released':
      return `${id} is released.`;
  }
}
