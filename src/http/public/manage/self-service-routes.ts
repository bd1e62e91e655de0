import express, { type Response, type Router } from 'express';
import { copyReaderData } from '../../../deliveries/self-service/copy-data.js';
import {
  enqueueOneHourManageLink,
  enqueueRepairNotice,
} from '../../../deliveries/notices/self-service-links.js';
import type { Context } from '../../../platform/context.js';
import { maskAddress } from '../../../subscribers/address.js';
import { eraseSubscription } from '../../../subscribers/erase/erase.js';
import { liftSuppression, findBounceOrComplaint } from '../../../subscribers/suppression/lift-suppression.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { privatePage } from '../../middleware/security-headers.js';
import { lostLinkRoutes } from './lost-link-routes.js';
import { openManageLink } from './link.js';
import { addressChangeRoutes } from './address-change-routes.js';
import {
  openToken,
  showPublicationArchived,
  showInvalidLink,
  showOneHourLinkNeeded,
  type OpenedLink,
} from '../token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'checkMailDomain'>;

/** Her address, her data and her link: what a reader can ask about herself. */
export function selfServiceRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'link');
  const router = express.Router();
  router.use('/manage', privatePage);
  router.use(lostLinkRoutes(context));
  router.use(addressChangeRoutes(context));

  /** Two forms that each promise a mail to the reader, whoever holds the link. */
  const mails = { link: enqueueOneHourManageLink, repair: enqueueRepairNotice };
  for (const name of ['link', 'repair'] as const) {
    router.post(`/manage/:token/${name}`, async (req, res) => {
      const { token = '' } = req.params as { token?: string };
      const manager = await openManageLink(context, token);
      if (manager === undefined) return showInvalidLink(context, res);
      if (manager.publication.archivedAt !== null)
        return showPublicationArchived(context, res, manager.publication);
      const within = await limit(req.ip);
      if (within.kind === 'too-many')
        return sendTooManyRequests(context, req, res, manager.publication, within.seconds);
      const outcome = await mails[name](context, manager.subscription.id);
      const told = outcome === 'mailed' ? name : `${name}-${outcome}`;
      // What is said about a link stands where its button is, at the end of a long page.
      return res.redirect(303, `/manage/${token}?told=${told}${name === 'link' ? '#own' : ''}`);
    });
  }

  router.get('/manage/:token/data', async (req, res) => {
    const manager = await openManageLink(context, req.params.token);
    if (manager === undefined) return showInvalidLink(context, res);
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, req.params.token);
    const { publication, subscription } = manager;
    const data = await copyReaderData(context, publication, subscription);
    const day = context.now().toISOString().slice(0, 10);
    res.attachment(`${publication.slug}-${day}.json`);
    return res.type('json').send(`${JSON.stringify(data, null, 2)}\n`);
  });

  router.get('/manage/:token/erase', async (req, res) => {
    const { token } = req.params;
    const gone = await openToken(context, 'manage-own', token);
    if (gone !== undefined && isTombstone(gone.subscription)) return showErased(context, res, gone);
    const manager = await openManageLink(context, token);
    if (manager === undefined) return showInvalidLink(context, res);
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, token);
    const { publication, subscription } = manager;
    const data = { publication, token, email: subscription.email };
    return res.type('html').send(context.templates.page('manage-erase', subscription.locale, data));
  });

  router.post('/manage/:token/erase', async (req, res) => {
    const { token } = req.params;
    const manager = await openManageLink(context, token);
    if (manager !== undefined && !manager.isOneHourLink)
      return showOneHourLinkNeeded(context, res, manager, token);
    if (manager !== undefined) await eraseSubscription(context, manager.subscription.id);
    return res.redirect(303, `/manage/${token}/erase`);
  });

  router.get('/manage/:token/repair/confirm', async (req, res) => {
    const found = await openResumeLink(context, req.params.token);
    return found === undefined
      ? showInvalidLink(context, res)
      : showResumePage(context, res, found, req.params.token);
  });

  router.post('/manage/:token/repair/confirm', async (req, res) => {
    const { token } = req.params;
    const found = await openResumeLink(context, token);
    if (found === undefined) return showInvalidLink(context, res);
    const { subscription, publication } = found;
    const wording = context.templates.line('pages/partials/consent-wording', subscription.locale, {
      publication,
    });
    const origin = { ip: req.ip, agent: req.get('user-agent') };
    const pressed = { subscriptionId: subscription.id, publication, wording, origin };
    if (found.kind === 'valid') await liftSuppression(context, pressed);
    return res.redirect(303, `/manage/${token}/repair/confirm`);
  });

  return router;
}

/** Her locale and address are gone with the rest; the link still knows whose newsletter it was. */
function showErased({ templates }: PageContext, res: Response, { publication }: OpenedLink): void {
  res.type('html').send(templates.page('manage-erased', publication.locale, { publication }));
}

async function openResumeLink(context: PageContext, token: string): Promise<OpenedLink | undefined> {
  const holder = await openToken(context, 'repair', token);
  if (holder === undefined || holder.generation !== holder.subscription.generation) return undefined;
  return holder.publication.archivedAt === null ? holder : undefined;
}

/** Done or never necessary: the page is the same, since mail comes either way. */
async function showResumePage(
  context: PageContext,
  res: Response,
  holder: OpenedLink,
  token: string,
): Promise<void> {
  const { subscription, publication, kind } = holder;
  const { db, hashAddress, templates } = context;
  const stopped = await findBounceOrComplaint(db, publication.id, hashAddress(subscription.emailKey));
  const waiting = kind === 'expired' ? 'expired' : 'asked';
  const state = stopped?.mayLift ? waiting : 'done';
  const { email } = subscription;
  const data = { publication, token, state, email, maskedEmail: maskAddress(email) };
  res
    .status(state === 'expired' ? 410 : 200)
    .type('html')
    .send(templates.page('manage-repair', subscription.locale, data));
}
