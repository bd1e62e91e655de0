import express, { type Response, type Router } from 'express';
import { leaveOnPage } from '../../../deliveries/notices/leave-on-page.js';
import { unsubscribe } from '../../../subscribers/leave/unsubscribe.js';
import { readForm, readOneClickBody } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { openToken } from '../open-token.js';
import { followUpActions } from './follow-up-actions.js';
import { isOneClick, sendOneClickDone } from './one-click.js';
import { renderUnsubscribePage, unknownLinkPage, type PageContext } from './page.js';

/** Unsubscribing, by the button of our page or a mail program's own button (one-click.ts). These links never expire. */
export function unsubscribeRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use('/unsubscribe', privatePage);

  router.get('/unsubscribe/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'unsubscribe', token);
    if (holder === undefined) return showUnknownLink(context, res);
    return res.type('html').send(await renderUnsubscribePage(context, holder, { token, query: req.query }));
  });

  router.post('/unsubscribe/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'unsubscribe', token);
    if (holder === undefined) return showUnknownLink(context, res);
    await readOneClickBody(req, res);
    if (await isOneClick(req)) {
      await unsubscribe(context, holder.subscription.id);
      return sendOneClickDone(res);
    }
    await leaveOnPage(context, holder.subscription.id);
    return res.redirect(303, `/unsubscribe/${token}`);
  });

  for (const [word, act] of Object.entries(followUpActions(context))) {
    router.post(`/unsubscribe/:token/${word}`, async (req, res) => {
      const { token = '' } = req.params as { token?: string };
      const holder = await openToken(context, 'unsubscribe', token);
      if (holder === undefined) return showUnknownLink(context, res);
      await readForm(req, res);
      return res.redirect(303, `/unsubscribe/${token}${await act(holder, req.body)}`);
    });
  }
  return router;
}

async function showUnknownLink(context: PageContext, res: Response): Promise<void> {
  const page = await unknownLinkPage(context);
  res.status(404).type('html').send(page);
}
