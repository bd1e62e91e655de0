import express, { type Router } from 'express';
import { maskAddress } from '../../../subscribers/address.js';
import { mayUndoBlock, undoBlock } from '../../../subscribers/leave/undo-block.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { addressHashes } from '../../../subscribers/suppression/address-hashes.js';
import { blockAddress } from '../../../subscribers/suppression/block-address.js';
import { privatePage } from '../../middleware/security-headers.js';
import { openToken } from '../open-token.js';
import { showInvalidLink } from '../shared-pages.js';
import { isBlocked, type PageContext } from './page.js';

/** "Never mail this address again": the page behind a link in mails that somebody else may have caused. */
export function blockAddressRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use('/never', privatePage);

  router.get('/never/:token', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'never', token);
    if (holder === undefined || isTombstone(holder.subscription)) return showInvalidLink(context, res);
    const done = await isBlocked(context, holder);
    const { subscription, publication } = holder;
    const { db, now, hashAddress } = context;
    const mayUndo = await mayUndoBlock(
      db,
      publication.id,
      addressHashes(hashAddress, subscription.emailKey),
      now(),
    );
    const undone = req.query['done'] === 'undo';
    const { email, unsubscribedAt: leftAt, timezone: zone } = subscription;
    const data = { publication, maskedEmail: maskAddress(email), token, mayUndo, undone, leftAt, zone };
    const page = context.templates.page(done ? 'never-done' : 'never', subscription.locale, data);
    return res.type('html').send(page);
  });

  router.post('/never/:token', async (req, res) => {
    const holder = await openToken(context, 'never', req.params.token);
    if (holder === undefined || isTombstone(holder.subscription)) return showInvalidLink(context, res);
    await blockAddress(context, holder.subscription.id);
    return res.redirect(303, `/never/${req.params.token}`);
  });

  router.post('/never/:token/undo', async (req, res) => {
    const { token } = req.params;
    const holder = await openToken(context, 'never', token);
    if (holder === undefined || isTombstone(holder.subscription)) return showInvalidLink(context, res);
    const { kind } = await undoBlock(context, holder.subscription.id);
    return res.redirect(303, `/never/${token}${kind === 'undone' ? '?done=undo' : ''}`);
  });

  return router;
}
