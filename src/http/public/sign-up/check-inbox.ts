import express, { type Response, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { findPublication } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { maskAddress } from '../../../subscribers/address.js';
import { isUnderAttack } from '../../../subscribers/attack/attack.js';
import { findSignUpRequest, type SignUpRequest } from '../../../subscribers/request-reads.js';
import { recordTrustedRequest } from '../../../subscribers/sign-up/record-requests.js';
import { mayResend } from '../../../subscribers/mail-cap.js';
import { sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { privatePage } from '../../middleware/security-headers.js';
import { findWebmailLink, type WebmailLink } from './webmail-links.js';
import { showInvalidLink } from '../token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'> & {
  /** Where all mail is read in development; a reader's own mail host otherwise. */
  inbox?: WebmailLink | undefined;
};

/** "Check your inbox". The ticket names the request; how often it was sent again is counted in the ticket itself. */
export function checkInboxRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'resend');
  const router = express.Router();
  router.use('/check-inbox', privatePage);

  router.get('/check-inbox/:ticket', async (req, res) => {
    const found = await openTicket(context, req.params.ticket);
    if (found === undefined) return showInvalidLink(context, res);
    return await showPage(context, res, {
      ...found,
      ticket: req.params.ticket,
      refused: 'later' in req.query,
    });
  });

  router.post('/check-inbox/:ticket/resend', async (req, res) => {
    const found = await openTicket(context, req.params.ticket);
    if (found === undefined) return showInvalidLink(context, res);
    const { request, publication, resends } = found;
    // It waits for a person: sent again by a press, nobody would have looked.
    if (request.outcome === 'held') return res.redirect(303, `/check-inbox/${req.params.ticket}`);
    const within = await limit(req.ip);
    if (within.kind === 'too-many')
      return sendTooManyRequests(context, req, res, publication, within.seconds);
    if (!mayResend(resends, request.createdAt, context.now()) || publication.archivedAt !== null) {
      return res.redirect(303, `/check-inbox/${req.params.ticket}?later`);
    }
    const { id } = await recordTrustedRequest(context, request);
    return res.redirect(303, `/check-inbox/${sealTicket(context, publication.id, id, resends + 1)}`);
  });

  return router;
}

type ResendFacts = Pick<OpenedTicket, 'request' | 'resends'> & { refused: boolean };

function resendState(
  { request, resends, refused }: ResendFacts,
  now: Date,
): 'soon' | 'tomorrow' | 'enough' | null {
  if (resends >= 2) return 'enough';
  if (mayResend(resends, request.createdAt, now)) return null;
  if (resends === 1) return 'tomorrow';
  return refused ? 'soon' : null;
}

export function sealTicket(
  { links }: Pick<Context, 'links'>,
  publicationId: string,
  requestId: string,
  resends: number,
): string {
  return links.sign('check-inbox', { scope: publicationId, subject: requestId, generation: resends });
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
  return { request, publication, resends: opened.generation };
}

async function showPage(
  context: PageContext,
  res: Response,
  { request, publication, resends, ticket, refused }: OpenedTicket & { ticket: string; refused: boolean },
): Promise<void> {
  const { templates, inbox, now } = context;
  const held = request.outcome === 'held';
  const underAttack = await isUnderAttack(context, publication.id);
  const data = {
    publication,
    ticket,
    maskedEmail: maskAddress(request.email),
    // In an attack everybody reads the same.
    slow: underAttack ? 'slow' : held ? 'held' : null,
    held,
    mailHost: inbox ?? findWebmailLink(request.email) ?? null,
    resent: resends > 0 && !refused,
    resentAt: request.createdAt,
    // What is left of her own presses: it says nothing of what is known of the address.
    more: publication.archivedAt === null ? resendState({ request, resends, refused }, now()) : 'closed',
  };
  res.type('html').send(templates.page('check-inbox', request.locale ?? publication.locale, data));
}
