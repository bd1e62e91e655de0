import express, { type Response, type Router } from 'express';
import { listEventsForCopy } from '../../../events/reads.js';
import { copyReaderData } from '../../../deliveries/self-service/copy-data.js';
import {
  enqueueOneHourManageLink,
  enqueueRepairNotice,
} from '../../../deliveries/notices/self-service-links.js';
import type { Context } from '../../../platform/context.js';
import { eraseSubscription } from '../../../subscribers/erase/erase.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { privatePage } from '../../middleware/security-headers.js';
import { openToken, type OpenedLink } from '../open-token.js';
import { showOneHourLinkNeeded, showPublicationArchived } from '../shared-pages.js';
import { openManageLink } from './link.js';

type PageContext = Pick<Context, 'db' | 'now' | 'actor' | 'links' | 'templates' | 'hashAddress'>;

/** A reader's own data: a one-hour link by mail, and with that link a copy of her data, and erasure. */
export function selfServiceRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use('/manage', privatePage);
  router.use(mailLinkRoutes(context));
  router.use(dataRoutes(context));
  router.use(erasureRoutes(context));
  return router;
}

/** Buttons that mail the reader a link, whoever presses them: the one-hour link, and the one that lifts a suppression. */
function mailLinkRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'link');
  const router = express.Router();
  for (const [word, enqueueNotice] of [
    ['link', enqueueOneHourManageLink],
    ['repair', enqueueRepairNotice],
  ] as const) {
    router.post(`/manage/:token/${word}`, async (req, res) => {
      const { token = '' } = req.params as { token?: string };
      const manager = await openManageLink(context, req, res);
      if (manager === undefined) return;
      const { publication, subscription } = manager;
      if (publication.archivedAt !== null) return showPublicationArchived(context, res, publication);
      const limited = await limit(req.ip);
      if (limited.kind === 'limited')
        return sendTooManyRequests(context, req, res, publication, limited.seconds);
      const outcome = await enqueueNotice(context, subscription.id);
      const done = outcome === 'mailed' ? word : `${word}-${outcome}`;
      // The button for the one-hour link is at the end of a long page, and the message about it beside it.
      return res.redirect(303, `/manage/${token}?done=${done}${word === 'link' ? '#own' : ''}`);
    });
  }
  return router;
}

function dataRoutes(context: PageContext): Router {
  const router = express.Router();
  router.get('/manage/:token/data', async (req, res) => {
    const { token } = req.params;
    const manager = await openManageLink(context, req, res);
    if (manager === undefined) return;
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, token);
    const { publication, subscription } = manager;
    const data = {
      ...(await copyReaderData(context, publication, subscription)),
      cameBack: await listEventsForCopy(context.db, subscription.id),
    };
    const day = context.now().toISOString().slice(0, 10);
    res.attachment(`${publication.slug}-${day}.json`);
    return res.type('json').send(`${JSON.stringify(data, null, 2)}\n`);
  });
  return router;
}

function erasureRoutes(context: PageContext): Router {
  const router = express.Router();

  router.get('/manage/:token/erase', async (req, res) => {
    const { token } = req.params;
    const erased = await openErased(context, token);
    if (erased !== undefined) return showErased(context, res, erased);
    const manager = await openManageLink(context, req, res);
    if (manager === undefined) return;
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, token);
    const { publication, subscription } = manager;
    const data = { publication, token, email: subscription.email };
    return res.type('html').send(context.templates.page('manage-erase', subscription.locale, data));
  });

  router.post('/manage/:token/erase', async (req, res) => {
    const { token } = req.params;
    if ((await openErased(context, token)) !== undefined) return res.redirect(303, `/manage/${token}/erase`);
    const manager = await openManageLink(context, req, res);
    if (manager === undefined) return;
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, token);
    await eraseSubscription(context, manager.subscription.id);
    return res.redirect(303, `/manage/${token}/erase`);
  });

  return router;
}

/** The one-hour link with which she erased herself; it stays with the page that says so. */
async function openErased(context: PageContext, token: string): Promise<OpenedLink | undefined> {
  const holder = await openToken(context, 'manage-own', token);
  return holder !== undefined && isTombstone(holder.subscription) ? holder : undefined;
}

/** In the publication's language: the reader's was erased with her other data. */
function showErased({ templates }: PageContext, res: Response, { publication }: OpenedLink): void {
  res.type('html').send(templates.page('manage-erased', publication.locale, { publication }));
}
