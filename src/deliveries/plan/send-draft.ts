import { draftOrder, findMissing } from '../../digests/drafts/draft-order.js';
import { lockWithOthers } from '../../digests/drafts/lock-draft.js';
import type { Draft } from '../../digests/drafts/draft.js';
import { useDraft } from '../../digests/drafts/use-draft.js';
import type { Context } from '../../platform/context.js';
import { joinTransaction } from '../../platform/db/join-transaction.js';
import { findPublication } from '../../publications/reads.js';
import { sendOperatorDigest } from './operator-digest.js';

export type DraftSent =
  | { kind: 'sent'; digestId: string }
  /** It has another version than was looked at, it is over or of a rhythm's digest, or something is missing. */
  | { kind: 'changed-meanwhile' | 'over' | 'no-words' | 'no-articles'; draft: Draft }
  | { kind: 'nobody-due' | 'not-live' | 'archived' | 'unknown' };

/**
 * Orders an email of its own, for now or later. Nothing is made where it cannot be sent.
 * @param version that was looked at
 */
export function sendDraft(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'links'>,
  id: string,
  { version, sendAt }: { version: number; sendAt?: Date | undefined },
): Promise<DraftSent> {
  return context.db.transaction(async (tx) => {
    const draft = await lockWithOthers(tx, id);
    const publication = draft && (await findPublication(tx, draft.publicationId));
    if (draft === undefined || publication === undefined) return { kind: 'unknown' };
    if (draft.version !== version) return { kind: 'changed-meanwhile', draft };
    if (draft.cadence !== null || draft.state !== 'draft') return { kind: 'over', draft };
    const missing = findMissing(draft.content);
    if (missing !== undefined) return { kind: `no-${missing}`, draft };
    if (publication.archivedAt !== null) return { kind: 'archived' };
    const own = { ...context, db: joinTransaction(context.db, tx) };
    const sent = await sendOperatorDigest(own, draft.publicationId, { ...draftOrder(draft.content), sendAt });
    if (sent.kind !== 'sending') return sent;
    await useDraft(tx, draft, sent.digestId, context.now());
    return { kind: 'sent', digestId: sent.digestId };
  });
}
