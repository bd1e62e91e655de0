import type { Request, Response } from 'express';
import { sendDraft } from '../../../deliveries/plan/send-draft.js';
import { findDraft } from '../../../digests/drafts/reads.js';
import { readForm } from '../../middleware/read-body.js';
import { describeBefore } from '../digests/digest-page.js';
import { testToMe } from '../digests/preview/preview-page.js';
import type { Previews } from '../digests/preview/previews.js';
import { readMailSummary } from '../digests/preview/summary.js';
import { proposeTime, readTime, typedTime, type TimeField } from '../digests/time-field.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { actOnce } from '../frame/once.js';
import { sendNotFound } from '../frame/own-row.js';
import { describeHead, readReach } from './email-page.js';
import { emailFlashes } from './email-words.js';

type Id = { id: string };

/** The page on which an email of its own is sent, now or at a chosen time. */
export async function showSend(
  previews: Previews,
  req: Request<Id>,
  res: Response,
  time?: TimeField,
): Promise<void> {
  const { context } = previews;
  const desk = publicationDeskOf(res);
  const { publication } = desk;
  const draft = await findDraft(context.db, req.params.id);
  if (draft?.cadence !== null) return sendNotFound(context, req, res);
  if (draft.state !== 'draft') return res.redirect(303, `${emailPath(res, req.params.id)}?done=over`);
  const reach = await readReach(previews, desk, draft);
  const source = { kind: 'draft' as const, draftId: draft.id };
  return sendDeskPage(context, res, 'dashboard-email-send', {
    ...(await describeHead(previews, desk, draft)),
    flash: findFlash(emailFlashes, req.query['done']),
    time: time ?? proposeTime(publication, context.now()),
    isLive: publication.liveAt !== null,
    before: describeBefore(publication, reach),
    mail: await readMailSummary(previews, desk, { source }),
    recipients: testToMe(desk),
  });
}

export async function sendEmail(previews: Previews, req: Request<Id>, res: Response): Promise<void> {
  const { context } = previews;
  await readForm(req, res);
  const desk = publicationDeskOf(res);
  const { when, at: typed, version } = (req.body ?? {}) as Record<string, unknown>;
  const time = when === 'later' ? readTime(typed, desk.publication, context.now()) : undefined;
  if (time?.kind === 'mistake')
    return showSend(previews, req, res.status(422), typedTime(typed, time.mistake));
  const page = emailPath(res, req.params.id);
  const draft = await findDraft(context.db, req.params.id);
  if (draft === undefined) return sendNotFound(context, req, res);
  const stops = describeBefore(desk.publication, await readReach(previews, desk, draft)).stops;
  if (draft.state === 'draft' && stops) return res.redirect(303, `${page}/send?done=no-address`);
  const once = await actOnce(context, req, res, async (db) => {
    const own = asOperator({ ...context, db }, res);
    const sent = await sendDraft(own, req.params.id, { version: Number(version), sendAt: time?.at });
    if (sent.kind !== 'sent') return `${page}/send?done=${sent.kind}`;
    const done = time === undefined ? 'ordered' : 'scheduled';
    return `${deskPath(desk.publication)}/digests/${sent.digestId}?done=${done}`;
  });
  return res.redirect(303, once.kind === 'done' ? once.location : `${page}/send?done=${once.kind}`);
}

export function emailPath(res: Response, id: string): string {
  return `${deskPath(publicationDeskOf(res).publication)}/emails/${id}`;
}
