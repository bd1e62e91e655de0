import { actingAs } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import { runForRow } from '../../platform/jobs/isolated-run.js';
import { findPublication } from '../../publications/reads.js';
import { decideLinkRequest, takeLeaveRequest } from '../../subscribers/preferences/link-request.js';
import { findLinkRequest } from '../../subscribers/preferences/reads.js';
import { endAndTell } from './leave-on-page.js';
import { enqueueSelfServiceNotice } from './self-service-links.js';

/**
 * Answers who typed her address: her settings link is enqueued, also after she has left; or she is let go, where that is what was asked
 * for. Nothing happens for a stranger.
 */
export async function answerLinkRequest(
  context: Pick<Context, 'db' | 'now' | 'log' | 'hashAddress'>,
  requestId: string,
): Promise<void> {
  const { db, now, hashAddress } = context;
  const request = await findLinkRequest(db, requestId);
  const publication = request && (await findPublication(db, request.publicationId));
  if (publication === undefined || publication.archivedAt !== null) return;
  const row = { kind: 'link-request' as const, rowId: requestId, publicationId: publication.id };
  await runForRow(context, 'answer-link-request', row, () =>
    db.transaction(async (tx) => {
      if (request?.wish === 'leave') {
        const leaving = await takeLeaveRequest(tx, requestId);
        if (leaving !== undefined) await endAndTell(tx, actingAs(context, { kind: 'reader' }), leaving.id);
        return;
      }
      const reader = await decideLinkRequest(tx, requestId, hashAddress, now());
      if (reader === undefined) return;
      await enqueueSelfServiceNotice(tx, { kind: 'manage-link', causeId: requestId, reader }, now());
    }),
  );
}
