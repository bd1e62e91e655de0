import express, { type Request, type Response as Answer, type Router } from 'express';
import { z } from 'zod';
import { mailOwnLink } from '../../deliveries/own-links.js';
import { maskAddress } from '../../subscribers/address.js';
import { changeChoices } from '../../subscribers/change-choices.js';
import { giveReason, leaveReasons } from '../../subscribers/give-reason.js';
import { neverAgain } from '../../subscribers/never-again.js';
import { pauseUntil } from '../../subscribers/pause-until.js';
import { pauseSubscription } from '../../subscribers/pause.js';
import { isTombstone } from '../../subscribers/subscription.js';
import { undoUnsubscribe } from '../../subscribers/undo-unsubscribe.js';
import { unsubscribe } from '../../subscribers/unsubscribe.js';
import { privatePage } from '../security-headers.js';
import { isBlocked, leavePage, unknownPage, type PageContext } from './leave-page.js';
import { openToken, showInvalid, type Holder } from './token-pages.js';

/** Leaving, in a click or by the mail program's own button (RFC 8058); the links never expire. */
export function unsubscribeRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use(['/unsubscribe', '/never'], privatePage);

  router.get('/unsubscribe/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'unsubscribe', token);
    if (holder === undefined) return showUnknown(context, res);
    return res.type('html').send(await leavePage(context, holder, { token, query: req.query }));
  });

  router.post('/unsubscribe/:token', oneClickBody, async (req, res) => {
    const holder = await openToken(context, 'unsubscribe', req.params['token']);
    if (holder === undefined) return showUnknown(context, res);
    await unsubscribe(context, holder.subscription.id);
    // RFC 8058 section 3.1: the mail program's POST is answered here and now, without a redirect.
    if (await isOneClick(req)) return res.type('text/plain').send('You are unsubscribed.\n');
    return res.redirect(303, `/unsubscribe/${req.params['token']}`);
  });

  const form = express.urlencoded({ extended: false, limit: '10kb' });
  for (const [word, step] of Object.entries(steps(context))) {
    router.post(`/unsubscribe/:token/${word}`, form, async (req, res) => {
      const token = req.params['token'];
      const holder = await openToken(context, 'unsubscribe', token);
      if (holder === undefined) return showUnknown(context, res);
      return res.redirect(303, `/unsubscribe/${token}${await step(holder, req.body)}`);
    });
  }

  router.get('/never/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'never', token);
    if (holder === undefined || isTombstone(holder.subscription)) return showInvalid(context, res);
    const done = await isBlocked(context, holder);
    const { subscription, publication } = holder;
    const data = { publication, maskedEmail: maskAddress(subscription.email), token };
    const page = context.templates.page(done ? 'never-done' : 'never', subscription.locale, data);
    return res.type('html').send(page);
  });

  router.post('/never/:token', async (req, res) => {
    const holder = await openToken(context, 'never', req.params.token);
    if (holder === undefined || isTombstone(holder.subscription)) return showInvalid(context, res);
    await neverAgain(context, holder.subscription.id);
    return res.redirect(303, `/never/${req.params.token}`);
  });

  return router;
}

type Step = (holder: Holder, body: unknown) => Promise<string>;

/**
 * What else may be pressed there: each returns the query of the page that follows. Nobody is made to stay, and who got
 * the mail forwarded can do no more harm with these than by leaving.
 */
function steps(context: PageContext): Record<'undo' | 'fewer' | 'pause' | 'reason' | 'data', Step> {
  return {
    undo: async ({ subscription }) => {
      const { kind } = await undoUnsubscribe(context, subscription.id);
      return kind === 'resumed' ? '?resumed' : '';
    },
    fewer: async ({ subscription }) => {
      if (subscription.status !== 'confirmed') return '';
      await changeChoices(context, subscription.id, { cadence: 'weekly' });
      return '?done=fewer';
    },
    pause: async ({ subscription }) => {
      if (subscription.status !== 'confirmed') return '';
      const until = pauseUntil('month', '', subscription.timezone, context.now()) ?? null;
      await pauseSubscription(context, subscription.id, { until, catchUp: false });
      return '?done=pause';
    },
    reason: async ({ subscription }, body) => {
      const { data } = reasonForm.safeParse(body ?? {});
      if (data === undefined) return '';
      await giveReason(context, subscription.id, data.reason);
      return '?thanks';
    },
    data: async ({ subscription }) => {
      const outcome = await mailOwnLink(context, subscription.id);
      return { mailed: '?mailed=yes', later: '?mailed=later', stopped: '' }[outcome];
    },
  };
}

const reasonForm = z.object({ reason: z.enum(leaveReasons) });

async function showUnknown(context: PageContext, res: Answer): Promise<void> {
  res
    .status(404)
    .type('html')
    .send(await unknownPage(context));
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
