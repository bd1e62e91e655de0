import express, { type Response, type Router } from 'express';
import { copyOwnData } from '../../deliveries/own-copy.js';
import { mailOwnLink, mailRepair } from '../../deliveries/own-links.js';
import type { Context } from '../../platform/context.js';
import { maskAddress } from '../../subscribers/address.js';
import { eraseSubscription } from '../../subscribers/erase.js';
import { repair, stoppedBecause } from '../../subscribers/repair.js';
import { isTombstone } from '../../subscribers/subscription.js';
import { answerTooMany } from '../errors.js';
import { createNetworkLimit } from '../network-limit.js';
import { privatePage } from '../security-headers.js';
import { lostLinkRoutes } from './lost-link.js';
import { openManage } from './manage-token.js';
import { ownAddressRoutes } from './own-address.js';
import { openToken, showArchived, showInvalid, showOwnNeeded, type Holder } from './token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'mailDomain'>;

/** Her address, her data and her link: what a reader can ask about herself. */
export function ownDataRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'link');
  const router = express.Router();
  router.use('/manage', privatePage);
  router.use(lostLinkRoutes(context));
  router.use(ownAddressRoutes(context));

  /** Two forms that each promise a mail to the reader, whoever holds the link. */
  const mails = { link: mailOwnLink, repair: mailRepair };
  for (const name of ['link', 'repair'] as const) {
    router.post(`/manage/:token/${name}`, async (req, res) => {
      const { token = '' } = req.params as { token?: string };
      const manager = await openManage(context, token);
      if (manager === undefined) return showInvalid(context, res);
      if (manager.publication.archivedAt !== null) return showArchived(context, res, manager.publication);
      const within = await limit(req.ip);
      if (within.kind === 'too-many')
        return answerTooMany(context, req, res, manager.publication, within.seconds);
      const outcome = await mails[name](context, manager.subscription.id);
      const told = outcome === 'mailed' ? name : `${name}-${outcome}`;
      // What is said about a link stands where its button is, at the end of a long page.
      return res.redirect(303, `/manage/${token}?told=${told}${name === 'link' ? '#own' : ''}`);
    });
  }

  router.get('/manage/:token/data', async (req, res) => {
    const manager = await openManage(context, req.params.token);
    if (manager === undefined) return showInvalid(context, res);
    if (!manager.own) return showOwnNeeded(context, res, manager, req.params.token);
    const { publication, subscription } = manager;
    const data = await copyOwnData(context, publication, subscription);
    const day = context.now().toISOString().slice(0, 10);
    res.attachment(`${publication.slug}-${day}.json`);
    return res.type('json').send(`${JSON.stringify(data, null, 2)}\n`);
  });

  router.get('/manage/:token/erase', async (req, res) => {
    const { token } = req.params;
    const gone = await openToken(context, 'manage-own', token);
    if (gone !== undefined && isTombstone(gone.subscription)) return showErased(context, res, gone);
    const manager = await openManage(context, token);
    if (manager === undefined) return showInvalid(context, res);
    if (!manager.own) return showOwnNeeded(context, res, manager, token);
    const { publication, subscription } = manager;
    const data = { publication, token, email: subscription.email };
    return res.type('html').send(context.templates.page('manage-erase', subscription.locale, data));
  });

  router.post('/manage/:token/erase', async (req, res) => {
    const { token } = req.params;
    const manager = await openManage(context, token);
    if (manager !== undefined && !manager.own) return showOwnNeeded(context, res, manager, token);
    if (manager !== undefined) await eraseSubscription(context, manager.subscription.id);
    return res.redirect(303, `/manage/${token}/erase`);
  });

  router.get('/manage/:token/repair/confirm', async (req, res) => {
    const found = await openRepair(context, req.params.token);
    return found === undefined
      ? showInvalid(context, res)
      : showRepair(context, res, found, req.params.token);
  });

  router.post('/manage/:token/repair/confirm', async (req, res) => {
    const { token } = req.params;
    const found = await openRepair(context, token);
    if (found === undefined) return showInvalid(context, res);
    const { subscription, publication } = found;
    const wording = context.templates.sentence('pages/partials/consent-wording', subscription.locale, {
      publication,
    });
    const origin = { ip: req.ip, agent: req.get('user-agent') };
    const pressed = { subscriptionId: subscription.id, publication, wording, origin };
    if (found.kind === 'valid') await repair(context, pressed);
    return res.redirect(303, `/manage/${token}/repair/confirm`);
  });

  return router;
}

/** Her locale and address are gone with the rest; the link still knows whose newsletter it was. */
function showErased({ templates }: PageContext, res: Response, { publication }: Holder): void {
  res.type('html').send(templates.page('manage-erased', publication.locale, { publication }));
}

async function openRepair(context: PageContext, token: string): Promise<Holder | undefined> {
  const holder = await openToken(context, 'repair', token);
  if (holder === undefined || holder.generation !== holder.subscription.generation) return undefined;
  return holder.publication.archivedAt === null ? holder : undefined;
}

/** Done or never necessary: the page is the same, since mail comes either way. */
async function showRepair(context: PageContext, res: Response, holder: Holder, token: string): Promise<void> {
  const { subscription, publication, kind } = holder;
  const { db, hashAddress, templates } = context;
  const stopped = await stoppedBecause(db, publication.id, hashAddress(subscription.emailKey));
  const waiting = kind === 'expired' ? 'expired' : 'asked';
  const state = stopped?.mayRepair ? waiting : 'done';
  const { email } = subscription;
  const data = { publication, token, state, email, maskedEmail: maskAddress(email) };
  res
    .status(state === 'expired' ? 410 : 200)
    .type('html')
    .send(templates.page('manage-repair', subscription.locale, data));
}
