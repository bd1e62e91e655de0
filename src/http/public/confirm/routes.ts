import express, { type Request, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { confirmSubscription } from '../../../subscribers/confirm/confirm.js';
import { resendConfirmation } from '../../../subscribers/sign-up/resend.js';
import type { Choices } from '../../../subscribers/subscription.js';
import { sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { readForm } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { sealTicket } from '../sign-up/check-inbox.js';
import { readChoices } from '../choices-form.js';
import { showInvalidLink } from '../shared-pages.js';
import { openConfirmLink, type ConfirmLink } from './link.js';
import { offeredChoices, showConfirmPage, type PageContext } from './page.js';

/** The link of the confirmation mail: GET shows the button and changes nothing, POST confirms. */
export function confirmationRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'resend');
  const router = express.Router();
  router.use('/confirm', privatePage);

  router.get('/confirm/:token', async (req, res) => {
    const holder = await openConfirmLink(context, req.params.token);
    if (holder === undefined) return showInvalidLink(context, res);
    return showConfirmPage(context, res, holder, req.params.token);
  });

  router.post('/confirm/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openConfirmLink(context, token);
    if (holder === undefined) return showInvalidLink(context, res);
    if (holder.kind === 'expired' || holder.publication.archivedAt !== null)
      return showConfirmPage(context, res, holder, token);
    await readForm(req, res);
    const offered = offeredChoices(holder);
    const read = readChoices(req.body, offered.choices, holder.publication);
    if (read.kind === 'mistake') return showConfirmPage(context, res.status(422), holder, token, true);
    const { kind } = await confirmSubscription(context, confirmation(context, req, holder, read.choices));
    return kind === 'revoked' ? showInvalidLink(context, res) : res.redirect(303, `/confirm/${token}`);
  });

  router.post('/confirm/:token/resend', async (req, res) => {
    const holder = await openConfirmLink(context, req.params.token);
    if (holder === undefined || holder.publication.archivedAt !== null) return showInvalidLink(context, res);
    const { publication, subscription } = holder;
    if (holder.generation !== subscription.generation) return showInvalidLink(context, res);
    const limited = await limit(req.ip);
    if (limited.kind === 'limited')
      return sendTooManyRequests(context, req, res, publication, limited.seconds);
    const { id } = await resendConfirmation(context, subscription, holder.request);
    return res.redirect(303, `/check-inbox/${sealTicket(context, publication.id, id, 0)}`);
  });

  return router;
}

/** Her consent: the choices, the wording beside the button, and where the request came from. */
function confirmation(
  { templates }: Pick<Context, 'templates'>,
  req: Request,
  { subscription, publication, generation, request, locale }: ConfirmLink,
  choices: Choices,
) {
  return {
    subscriptionId: subscription.id,
    generation,
    publication,
    request,
    wording: templates.line('pages/partials/consent-wording', locale, { publication }),
    choices,
    origin: { ip: req.ip, agent: req.get('user-agent') },
  };
}
