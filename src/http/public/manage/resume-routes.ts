import express, { type Response, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { maskAddress } from '../../../subscribers/address.js';
import { addressHashes } from '../../../subscribers/suppression/address-hashes.js';
import { liftSuppression, findBounceOrComplaint } from '../../../subscribers/suppression/lift-suppression.js';
import { privatePage } from '../../middleware/security-headers.js';
import { openToken, type OpenedLink } from '../open-token.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { showInvalidLink } from '../shared-pages.js';
import { showLeft } from '../unsubscribe/page.js';

type PageContext = Pick<Context, 'db' | 'now' | 'actor' | 'links' | 'templates' | 'hashAddress'>;

/** The link, mailed on request, that lifts the suppression after a bounce or a complaint. */
export function resumeRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use('/manage', privatePage);

  router.get('/manage/:token/repair/confirm', async (req, res) => {
    const { token } = req.params;
    const holder = await openResumeLink(context, token);
    if (holder === undefined) return showInvalidLink(context, res);
    if (hasLeft(holder)) return showLeft(context, res, holder);
    return showResumePage(context, res, holder, token);
  });

  router.post('/manage/:token/repair/confirm', async (req, res) => {
    const { token } = req.params;
    const holder = await openResumeLink(context, token);
    if (holder === undefined) return showInvalidLink(context, res);
    const { subscription, publication } = holder;
    if (hasLeft(holder)) return showLeft(context, res.status(410), holder);
    const wording = context.templates.line('pages/partials/consent-wording', subscription.locale, {
      publication,
    });
    const origin = { ip: req.ip, agent: req.get('user-agent') };
    if (holder.kind === 'valid')
      await liftSuppression(context, { subscriptionId: subscription.id, publication, wording, origin });
    return res.redirect(303, `/manage/${token}/repair/confirm`);
  });

  return router;
}

async function openResumeLink(context: PageContext, token: string): Promise<OpenedLink | undefined> {
  const holder = await openToken(context, 'repair', token);
  if (holder === undefined || holder.publication.archivedAt !== null) return undefined;
  if (isTombstone(holder.subscription)) return undefined;
  return hasLeft(holder) || holder.isCurrent ? holder : undefined;
}

/** There is no mail that could come again: whoever has left signs up anew. */
function hasLeft({ subscription }: OpenedLink): boolean {
  return subscription.status === 'unsubscribed';
}

/** The state is `done` also without a suppression that may be lifted. */
async function showResumePage(
  context: PageContext,
  res: Response,
  { subscription, publication, kind }: OpenedLink,
  token: string,
): Promise<void> {
  const { db, hashAddress, templates } = context;
  const suppression = await findBounceOrComplaint(
    db,
    publication.id,
    addressHashes(hashAddress, subscription.emailKey),
  );
  const state = suppression === undefined ? 'done' : kind === 'expired' ? 'expired' : 'asked';
  const { email } = subscription;
  const data = { publication, token, state, email, maskedEmail: maskAddress(email) };
  res
    .status(state === 'expired' ? 410 : 200)
    .type('html')
    .send(templates.page('manage-resume', subscription.locale, data));
}
