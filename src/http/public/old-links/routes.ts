import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { unsubscribeToken } from '../../../deliveries/mail-urls.js';
import { leaveOnPage } from '../../../deliveries/notices/leave-on-page.js';
import type { Context } from '../../../platform/context.js';
import { findByOldLink } from '../../../subscribers/old-links/reads.js';
import { unsubscribe } from '../../../subscribers/leave/unsubscribe.js';
import { findSubscription } from '../../../subscribers/reads.js';
import type { Subscription } from '../../../subscribers/subscription.js';
import { readOneClickBody } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { isOneClick, sendOneClickDone } from '../unsubscribe/one-click.js';
import { addressRoutes, showAskForAddress, type AskContext } from './ask-address.js';
import { showSeveral } from './several-page.js';
import {
  isUuid,
  parseGhostLink,
  parseListmonkLink,
  parseMailpoetLink,
  queryOf,
  type ParsedOldLink,
} from './parse-old-link.js';

type OldLinkContext = AskContext & Pick<Context, 'actor' | 'links' | 'hashAddress'>;

/**
 * Links in mails that another product sent before the newsletter moved here, where their host name or path leads to us: opened, they lead
 * to our own page, which has the button; a mail program's own button (RFC 8058) unsubscribes. A reader whom nobody knows by her link is
 * asked for her address.
 */
export function oldLinkRoutes(context: OldLinkContext): Router {
  const router = express.Router();
  router.use(addressRoutes(context));
  const on = (path: string, handle: RequestHandler) => {
    router.get(path, privatePage, handle);
    router.post(path, privatePage, handle);
  };

  // Of somebody who had not confirmed there: what she would confirm is no more, and she signs up here.
  on('/subscription/optin/:subscriber', (_req, res) => res.redirect(303, '/'));

  on('/subscription/:campaign/:subscriber', (req, res, next) => {
    const { campaign = '', subscriber = '' } = req.params as Record<string, string>;
    if (!isUuid(campaign)) return next();
    return answer(context, req, res, next, parseListmonkLink(subscriber));
  });

  on('/unsubscribe', (req, res, next) => {
    const query = queryOf(req);
    return query.has('uuid') ? answer(context, req, res, next, parseGhostLink(query)) : next();
  });

  // Its page may have any path of the site.
  router.use((req, res, next) => {
    const query = req.url.includes('mailpoet_router') ? queryOf(req) : undefined;
    if (query?.has('mailpoet_router') !== true) return next();
    return privatePage(
      req,
      res,
      () => void answer(context, req, res, next, parseMailpoetLink(query)).catch(next),
    );
  });
  return router;
}

async function answer(
  context: OldLinkContext,
  req: Request,
  res: Response,
  next: NextFunction,
  link: ParsedOldLink,
): Promise<void> {
  const readers = link.kind === 'named' ? await findReaders(context, link) : [];
  switch (req.method) {
    case 'GET':
    case 'HEAD':
      return await show(context, res, readers);
    case 'POST':
      return await leave(context, req, res, readers);
    default:
      return next();
  }
}

async function findReaders(
  { db }: Pick<Context, 'db'>,
  { name }: Extract<ParsedOldLink, { kind: 'named' }>,
): Promise<Subscription[]> {
  const found = await findByOldLink(db, name);
  const readers = await Promise.all(found.map(({ subscriptionId }) => findSubscription(db, subscriptionId)));
  return readers.filter((reader) => reader !== undefined);
}

/** GET changes nothing: scanners of mail open every link. */
async function show(context: OldLinkContext, res: Response, readers: readonly Subscription[]): Promise<void> {
  const [reader, ...others] = readers;
  if (reader === undefined) return await showAskForAddress(context, res.status(404), {});
  if (others.length > 0) return await showSeveral(context, res, readers);
  return res.redirect(303, `/unsubscribe/${unsubscribeToken(context, reader)}`);
}

async function leave(
  context: OldLinkContext,
  req: Request,
  res: Response,
  readers: readonly Subscription[],
): Promise<void> {
  await readOneClickBody(req, res);
  const [reader] = readers;
  if (reader === undefined) return await showAskForAddress(context, res.status(404), {});
  if (await isOneClick(req)) {
    for (const { id } of readers) await unsubscribe(context, id);
    return sendOneClickDone(res);
  }
  for (const { id } of readers) await leaveOnPage(context, id);
  return res.redirect(303, `/unsubscribe/${unsubscribeToken(context, reader)}`);
}
