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
import { showInvalidLink } from '../shared-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'> & {
  /** The development inbox, where no mail leaves; else she is linked to her own webmail. */
  inbox?: WebmailLink | undefined;
};

/** "Check your inbox". The ticket is a token with the id of the request and how often its mail was sent again. */
export function checkInboxRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'resend');
  const router = express.Router();
  router.use('/check-inbox', privatePage);

  router.get('/check-inbox/:ticket', async (req, res) => {
    const opened = await openTicket(context, req.params.ticket);
    if (opened === undefined) return showInvalidLink(context, res);
    return await showPage(context, res, {
      ...opened,
      ticket: req.params.ticket,
      isRefused: req.query['done'] === 'later',
    });
  });

  router.post('/check-inbox/:ticket/resend', async (req, res) => {
    const opened = await openTicket(context, req.params.ticket);
    if (opened === undefined) return showInvalidLink(context, res);
    const { request, publication, resends } = opened;
    // A held request is for an operator to decide: sending it again would pass over that.
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

type ResendFacts = Pick<OpenedTicket, 'request' | 'resends'> & { isRefused: boolean };

/** Why there is no button to send it again: `soon` (a minute has not passed), `tomorrow`, or `enough`. */
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

type OpenedTicket = { request: SignUpRequest; publication: Publication; resends: number };

async function openTicket(
  { db, links, now }: PageContext,
  ticket: string,
): Promise<OpenedTicket | undefined> {
  const opened = links.verify('check-inbox', ticket, now());
  if (opened.kind !== 'valid') return undefined;
  const request = await findSignUpRequest(db, opened.subject);
  const publication = await findPublication(db, opened.scope);
  if (request === undefined || publication === undefined) return undefined;
  return { request, publication, resends: opened.number };
}

async function showPage(
  context: PageContext,
  res: Response,
  { request, publication, resends, ticket, isRefused }: OpenedTicket & { ticket: string; isRefused: boolean },
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
    // Counts her own presses only: it does not depend on what we know of the address.
    resendState:
      publication.archivedAt === null ? resendState({ request, resends, isRefused }, now()) : 'closed',
  };
  res.type('html').send(templates.page('check-inbox', request.locale ?? publication.locale, data));
}
