import express, { type Response, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { findPublication } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { maskAddress } from '../../../subscribers/address.js';
import { isUnderAttack } from '../../../subscribers/attack/is-under-attack.js';
import { findSignUpRequest } from '../../../subscribers/sign-up/reads.js';
import type { SignUpRequest } from '../../../subscribers/sign-up/request.js';
import { MAX_RESENDS, mayResend, resendRequest } from '../../../subscribers/sign-up/resend.js';
import { sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { privatePage } from '../../middleware/security-headers.js';
import { findWebmailLink, type WebmailLink } from './webmail-links.js';
import { showInvalidLink, showPublicationArchived } from '../shared-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'> & {
  /** The development inbox, where mails go to that; absent: the page links to her provider's webmail. */
  inbox?: WebmailLink | undefined;
};

/**
 * The page "Check your inbox". Its ticket is a token with the id of the sign-up request and how often the mail was sent
 * again.
 */
export function checkInboxRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'resend');
  const router = express.Router();
  router.use('/check-inbox', privatePage);

  router.get('/check-inbox/:ticket', async (req, res) => {
    const opened = await openTicket(context, req.params.ticket);
    if (opened === undefined) return showInvalidLink(context, res);
    if (opened.request === undefined) return showOver(context, res, opened.publication);
    return await showPage(context, res, {
      ...opened,
      request: opened.request,
      ticket: req.params.ticket,
      isRefused: req.query['done'] === 'later',
    });
  });

  router.post('/check-inbox/:ticket/resend', async (req, res) => {
    const opened = await openTicket(context, req.params.ticket);
    if (opened === undefined) return showInvalidLink(context, res);
    const { request, publication, resends } = opened;
    if (request === undefined) return showOver(context, res, publication);
    // A held request waits for an operator's decision, which a new request would evade.
    if (request.outcome === 'held') return res.redirect(303, `/check-inbox/${req.params.ticket}`);
    const limited = await limit(req.ip);
    if (limited.kind === 'limited')
      return sendTooManyRequests(context, req, res, publication, limited.seconds);
    if (!mayResend(resends, request.createdAt, context.now()) || publication.archivedAt !== null) {
      return res.redirect(303, `/check-inbox/${req.params.ticket}?done=later`);
    }
    const { id } = await resendRequest(context, request);
    return res.redirect(303, `/check-inbox/${sealTicket(context, publication.id, id, resends + 1)}`);
  });

  return router;
}

type ResendFacts = { request: SignUpRequest; resends: number; isRefused: boolean };

/**
 * Why the mail cannot be sent again: not within a minute (`soon`), not today (`tomorrow`), or not any more (`enough`);
 * null: it can.
 */
function resendState(
  { request, resends, isRefused }: ResendFacts,
  now: Date,
): 'soon' | 'tomorrow' | 'enough' | null {
  if (resends >= MAX_RESENDS) return 'enough';
  if (mayResend(resends, request.createdAt, now)) return null;
  if (resends === 1) return 'tomorrow';
  return isRefused ? 'soon' : null;
}

export function sealTicket(
  { links }: Pick<Context, 'links'>,
  publicationId: string,
  requestId: string,
  resends: number,
): string {
  return links.sign('check-inbox', { scope: publicationId, subject: requestId, number: resends });
}

/** `request` undefined: it was deleted, for its age or by an operator who did not let it through. */
type OpenedTicket = { request: SignUpRequest | undefined; publication: Publication; resends: number };

async function openTicket(
  { db, links, now }: PageContext,
  ticket: string,
): Promise<OpenedTicket | undefined> {
  const opened = links.verify('check-inbox', ticket, now());
  if (opened.kind !== 'valid') return undefined;
  const request = await findSignUpRequest(db, opened.subject);
  const publication = await findPublication(db, opened.scope);
  return publication && { request, publication, resends: opened.number };
}

/** 404 for a sign-up that is not kept any more: nothing is on its way. */
function showOver({ templates }: PageContext, res: Response, publication: Publication): void {
  if (publication.archivedAt !== null) return showPublicationArchived({ templates }, res, publication);
  res
    .status(404)
    .type('html')
    .send(templates.page('check-inbox-over', publication.locale, { publication }));
}

async function showPage(
  context: PageContext,
  res: Response,
  {
    request,
    publication,
    resends,
    ticket,
    isRefused,
  }: ResendFacts & { publication: Publication; ticket: string },
): Promise<void> {
  const { templates, inbox, now } = context;
  const held = request.outcome === 'held';
  const underAttack = await isUnderAttack(context, publication.id);
  const data = {
    publication,
    ticket,
    maskedEmail: maskAddress(request.email),
    // While attack mode is on, the notice does not depend on whether this request is held.
    notice: underAttack ? 'slow' : held ? 'held' : null,
    held,
    mailHost: inbox ?? findWebmailLink(request.email) ?? null,
    resent: resends > 0 && !isRefused,
    resentAt: request.createdAt,
    // From the ticket's count alone, so that it tells nothing about the address.
    resendState:
      publication.archivedAt === null ? resendState({ request, resends, isRefused }, now()) : 'closed',
  };
  res.type('html').send(templates.page('check-inbox', request.locale ?? publication.locale, data));
}
