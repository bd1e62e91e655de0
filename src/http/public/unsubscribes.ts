import express, { type Request, type Router } from 'express';
import type { Context } from '../../platform/context.js';
import { maskAddress } from '../../subscribers/address.js';
import { neverAgain } from '../../subscribers/never-again.js';
import { isSuppressed } from '../../subscribers/reads.js';
import { mayUndo } from '../../subscribers/subscription.js';
import { undoUnsubscribe } from '../../subscribers/undo-unsubscribe.js';
import { unsubscribe } from '../../subscribers/unsubscribe.js';
import { privatePage } from '../security-headers.js';
import { openToken, showInvalid, type Holder } from './token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress'>;

/** Leaving, in a click or by the mail program's own button (RFC 8058); the links never expire. */
export function unsubscribeRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use(['/unsubscribe', '/never'], privatePage);
  const page = (name: string, { subscription, publication }: Holder, data: object) =>
    context.templates.page(name, subscription.locale, {
      publication,
      maskedEmail: maskAddress(subscription.email),
      ...data,
    });

  router.get('/unsubscribe/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'unsubscribe', token);
    if (holder === undefined) return showInvalid(context, res);
    if (holder.subscription.status === 'unsubscribed') {
      const canUndo = mayUndo(holder.subscription, context.now()) && !(await isBlocked(context, holder));
      return res.type('html').send(page('unsubscribed', holder, { token, canUndo }));
    }
    return res
      .type('html')
      .send(page('resumed' in req.query ? 'resubscribed' : 'unsubscribe', holder, { token }));
  });

  router.post('/unsubscribe/:token', oneClickBody, async (req, res) => {
    const holder = await openToken(context, 'unsubscribe', req.params['token']);
    if (holder === undefined) return showInvalid(context, res);
    await unsubscribe(context, holder.subscription.id);
    // RFC 8058 section 3.1: the mail program's POST is answered here and now, without a redirect.
    if (await isOneClick(req)) return res.type('text/plain').send('You are unsubscribed.\n');
    return res.redirect(303, `/unsubscribe/${req.params['token']}`);
  });

  router.post('/unsubscribe/:token/undo', async (req, res) => {
    const holder = await openToken(context, 'unsubscribe', req.params.token);
    if (holder === undefined) return showInvalid(context, res);
    const outcome = await undoUnsubscribe(context, holder.subscription.id);
    return res.redirect(
      303,
      `/unsubscribe/${req.params.token}${outcome.kind === 'resumed' ? '?resumed' : ''}`,
    );
  });

  router.get('/never/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'never', token);
    if (holder === undefined) return showInvalid(context, res);
    const done = await isBlocked(context, holder);
    return res.type('html').send(page(done ? 'never-done' : 'never', holder, { token }));
  });

  router.post('/never/:token', async (req, res) => {
    const holder = await openToken(context, 'never', req.params.token);
    if (holder === undefined) return showInvalid(context, res);
    await neverAgain(context, holder.subscription.id);
    return res.redirect(303, `/never/${req.params.token}`);
  });

  return router;
}

function isBlocked({ db, hashAddress }: PageContext, { subscription }: Holder): Promise<boolean> {
  return isSuppressed(db, subscription.publicationId, hashAddress(subscription.emailKey));
}

/** Both forms a mail program may send (RFC 8058 section 3.2), small and whole. */
const oneClickBody = express.raw({
  type: ['multipart/form-data', 'application/x-www-form-urlencoded'],
  limit: '10kb',
});

async function isOneClick(req: Request): Promise<boolean> {
  const body: unknown = req.body;
  if (!Buffer.isBuffer(body)) return false;
  try {
    const headers = { 'content-type': req.get('content-type') ?? '' };
    const form = await new Response(new Uint8Array(body), { headers }).formData();
    const value = form.get('List-Unsubscribe');
    // Some programs end the body with a line end.
    return typeof value === 'string' && value.trim() === 'One-Click';
  } catch {
    // Not a form after all: whoever pressed has left all the same, and is shown the page.
    return false;
  }
}
