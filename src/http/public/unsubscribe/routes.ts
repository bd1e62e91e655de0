import express, { type Request, type Response as Answer, type Router } from 'express';
import { z } from 'zod';
import { enqueueOneHourManageLink } from '../../../deliveries/notices/self-service-links.js';
import { maskAddress } from '../../../subscribers/address.js';
import { changeChoices } from '../../../subscribers/preferences/change-choices.js';
import { recordLeaveReason, leaveReasons } from '../../../subscribers/leave/record-leave-reason.js';
import { blockAddress } from '../../../subscribers/suppression/block-address.js';
import { pauseEndsAt } from '../../../subscribers/preferences/pause-end.js';
import { pauseSubscription } from '../../../subscribers/preferences/pause.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { undoUnsubscribe } from '../../../subscribers/leave/undo-unsubscribe.js';
import { unsubscribe } from '../../../subscribers/leave/unsubscribe.js';
import { privatePage } from '../../middleware/security-headers.js';
import { isBlocked, renderUnsubscribePage, unknownLinkPage, type PageContext } from './page.js';
import { openToken, showInvalidLink, type OpenedLink } from '../token-pages.js';

/** Leaving, in a click or by the mail program's own button (RFC 8058); the links never expire. */
export function unsubscribeRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use(['/unsubscribe', '/never'], privatePage);

  router.get('/unsubscribe/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'unsubscribe', token);
    if (holder === undefined) return showUnknownLink(context, res);
    return res.type('html').send(await renderUnsubscribePage(context, holder, { token, query: req.query }));
  });

  router.post('/unsubscribe/:token', oneClickBody, async (req, res) => {
    const holder = await openToken(context, 'unsubscribe', req.params['token']);
    if (holder === undefined) return showUnknownLink(context, res);
    await unsubscribe(context, holder.subscription.id);
    // RFC 8058 section 3.1: the mail program's POST is answered here and now, without a redirect.
    if (await isOneClick(req)) return res.type('text/plain').send('You are unsubscribed.\n');
    return res.redirect(303, `/unsubscribe/${req.params['token']}`);
  });

  const form = express.urlencoded({ extended: false, limit: '10kb' });
  for (const [word, step] of Object.entries(followUpActions(context))) {
    router.post(`/unsubscribe/:token/${word}`, form, async (req, res) => {
      const token = req.params['token'];
      const holder = await openToken(context, 'unsubscribe', token);
      if (holder === undefined) return showUnknownLink(context, res);
      return res.redirect(303, `/unsubscribe/${token}${await step(holder, req.body)}`);
    });
  }

  router.get('/never/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'never', token);
    if (holder === undefined || isTombstone(holder.subscription)) return showInvalidLink(context, res);
    const done = await isBlocked(context, holder);
    const { subscription, publication } = holder;
    const data = { publication, maskedEmail: maskAddress(subscription.email), token };
    const page = context.templates.page(done ? 'never-done' : 'never', subscription.locale, data);
    return res.type('html').send(page);
  });

  router.post('/never/:token', async (req, res) => {
    const holder = await openToken(context, 'never', req.params.token);
    if (holder === undefined || isTombstone(holder.subscription)) return showInvalidLink(context, res);
    await blockAddress(context, holder.subscription.id);
    return res.redirect(303, `/never/${req.params.token}`);
  });

  return router;
}

type FollowUpAction = (holder: OpenedLink, body: unknown) => Promise<string>;

/**
 * What else may be pressed there: each returns the query of the page that follows. Nobody is made to stay, and who got
 * the mail forwarded can do no more harm with these than by leaving.
 */
function followUpActions(
  context: PageContext,
): Record<'undo' | 'fewer' | 'pause' | 'reason' | 'data', FollowUpAction> {
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
      const until = pauseEndsAt('month', '', subscription.timezone, context.now()) ?? null;
      await pauseSubscription(context, subscription.id, { until, catchUp: false });
      return '?done=pause';
    },
    reason: async ({ subscription }, body) => {
      const { data } = reasonForm.safeParse(body ?? {});
      if (data === undefined) return '';
      await recordLeaveReason(context, subscription.id, data.reason);
      return '?thanks';
    },
    data: async ({ subscription }) => {
      const outcome = await enqueueOneHourManageLink(context, subscription.id);
      return { mailed: '?mailed=yes', later: '?mailed=later', stopped: '' }[outcome];
    },
  };
}

const reasonForm = z.object({ reason: z.enum(leaveReasons) });

async function showUnknownLink(context: PageContext, res: Answer): Promise<void> {
  res
    .status(404)
    .type('html')
    .send(await unknownLinkPage(context));
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
