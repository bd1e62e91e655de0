import express, { type Request, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { z } from 'zod';
import { confirmSubscription } from '../../../subscribers/confirm/confirm.js';
import { pressTrap } from '../../../subscribers/confirm/take-back.js';
import { visitSchema } from '../../../subscribers/confirm/visit.js';
import { changeChoices } from '../../../subscribers/preferences/change-choices.js';
import { resendConfirmation } from '../../../subscribers/sign-up/resend.js';
import type { Choices } from '../../../subscribers/subscription.js';
import { sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { readForm } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { sealTicket } from '../sign-up/check-inbox.js';
import { readChoices, type ReadChoices } from '../choices-form.js';
import { showInvalidLink } from '../shared-pages.js';
import { openConfirmLink, type ConfirmLink } from './link.js';
import { showLeft } from '../unsubscribe/page.js';
import { hasLeftSince, offeredChoices, showConfirmPage, type PageContext } from './page.js';

/** The link of the confirmation mail: GET shows the button and changes nothing, POST confirms. */
export function confirmationRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'resend');
  const router = express.Router();
  router.use('/confirm', privatePage);

  router.get('/confirm/:token', async (req, res) => {
    const holder = await openConfirmLink(context, req.params.token);
    if (holder === undefined) return showInvalidLink(context, res);
    const saved = req.query['done'] === 'choices' ? 'saved' : undefined;
    return showConfirmPage(context, res, holder, req.params.token, saved);
  });

  router.post('/confirm/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openConfirmLink(context, token);
    if (holder === undefined) return showInvalidLink(context, res);
    if (holder.publication.archivedAt !== null || !holder.isCurrent || hasLeftSince(holder))
      return showConfirmPage(context, res, holder, token);
    await readForm(req, res);
    const read = readChoices(req.body, holder.publication);
    if (holder.kind === 'expired')
      return showConfirmPage(context, res, holder, token, hasChoices(read) ? 'expired' : undefined);
    if (read.kind === 'mistake') return showConfirmPage(context, res.status(422), holder, token, 'mistake');
    const choices = { ...offeredChoices(holder).choices, ...read.given };
    if (req.body?.trap === 'yes') await recordTrapPress(context, req, holder);
    const { kind } = await confirmSubscription(context, confirmation(context, req, holder, choices));
    if (kind === 'revoked') return showInvalidLink(context, res);
    if (kind === 'trapped') return showConfirmPage(context, res, holder, token, 'press-again', choices);
    if (kind === 'confirmed' || !hasChoices(read)) return res.redirect(303, `/confirm/${token}`);
    // She had confirmed already, perhaps in another window, and pressed the button with other choices.
    await changeChoices(context, holder.subscription.id, read.given);
    return res.redirect(303, `/confirm/${token}?done=choices`);
  });

  // The button that no person sees: what presses it is a program that looks at the mail before her.
  router.post('/confirm/:token/trap', async (req, res) => {
    const { token } = req.params;
    const found = await openConfirmLink(context, token);
    if (found === undefined) return showInvalidLink(context, res);
    await readForm(req, res);
    await recordTrapPress(context, req, found);
    const holder = await openConfirmLink(context, token);
    if (holder === undefined) return showInvalidLink(context, res);
    return showConfirmPage(context, res, holder, token, 'press-again');
  });

  router.post('/confirm/:token/resend', async (req, res) => {
    const holder = await openConfirmLink(context, req.params.token);
    if (holder === undefined || holder.publication.archivedAt !== null) return showInvalidLink(context, res);
    const { publication, subscription } = holder;
    if (hasLeftSince(holder)) return showLeft(context, res.status(410), holder);
    if (!holder.isCurrent) return showInvalidLink(context, res);
    const limited = await limit(req.ip);
    if (limited.kind === 'limited')
      return sendTooManyRequests(context, req, res, publication, limited.seconds);
    const { id } = await resendConfirmation(context, subscription, holder.request);
    return res.redirect(303, `/check-inbox/${sealTicket(context, publication.id, id, 0)}`);
  });

  return router;
}

/** Whether the form named any choice, right or wrong. */
function hasChoices(read: ReadChoices): boolean {
  return read.kind === 'mistake' || Object.keys(read.given).length > 0;
}

const visitForm = z.object({ visit: visitSchema });

async function recordTrapPress(
  context: PageContext,
  req: Request,
  { subscription }: ConfirmLink,
): Promise<void> {
  const visit = readVisit(req.body);
  if (visit !== undefined) await pressTrap(context, { subscriptionId: subscription.id, visit });
}

/** Undefined for a form that is not of a page of ours. */
function readVisit(body: unknown): string | undefined {
  return visitForm.safeParse(body).data?.visit;
}

/** Her consent: the choices, the wording beside the button, and where the request came from. */
function confirmation(
  { templates }: Pick<Context, 'templates'>,
  req: Request,
  { subscription, publication, request, locale }: ConfirmLink,
  choices: Choices,
) {
  return {
    subscriptionId: subscription.id,
    generation: subscription.generation,
    publication,
    request,
    wording: templates.line('pages/partials/consent-wording', locale, { publication }),
    choices,
    visit: readVisit(req.body),
    origin: { ip: req.ip, agent: req.get('user-agent') },
  };
}
