import express, { type Response, type Router } from 'express';
import {
  completeAddressChange,
  revertAddressChange,
} from '../../../deliveries/self-service/address-change.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { findPublication } from '../../../publications/reads.js';
import { maskAddress } from '../../../subscribers/address.js';
import type { AddressChange } from '../../../subscribers/address-change/address-change.js';
import { findAddressChange, findAddressChangeByNumber } from '../../../subscribers/address-change/reads.js';
import { findSubscription } from '../../../subscribers/reads.js';
import type { Subscription } from '../../../subscribers/subscription.js';
import { showInvalidLink } from '../shared-pages.js';
import { showLeft } from '../unsubscribe/page.js';

type PageContext = Pick<Context, 'db' | 'now' | 'actor' | 'links' | 'templates' | 'hashAddress'>;

/** The two links of a change of address: the one mailed to the new address confirms it, the one to the old cancels it. */
export function addressChangeLinkRoutes(context: PageContext): Router {
  const router = express.Router();
  for (const word of ['confirm', 'cancel'] as const) {
    router.get(`/manage/:token/address/${word}`, async (req, res) => {
      const opened = await openChange(context, word, req.params['token'] ?? '');
      return opened === undefined ? showInvalidLink(context, res) : showChange(context, res, opened);
    });
    router.post(`/manage/:token/address/${word}`, async (req, res) => {
      const { token = '' } = req.params as { token?: string };
      const opened = await openChange(context, word, token);
      if (opened === undefined) return showInvalidLink(context, res);
      if (hasLeft(opened)) return showEnded(context, res.status(410), opened);
      if (opened.expired || (await applyChange(context, opened)) === 'expired')
        return showState(context, res.status(410), opened, 'expired');
      return res.redirect(303, `/manage/${token}/address/${word}`);
    });
  }

  return router;
}

/** A change of address, as one of its two links opened it. */
type OpenedChange = {
  word: 'confirm' | 'cancel';
  token: string;
  expired: boolean;
  change: AddressChange;
  subscription: Subscription;
  publication: Publication;
};

async function openChange(
  { db, links, now }: PageContext,
  word: OpenedChange['word'],
  token: string,
): Promise<OpenedChange | undefined> {
  const short = links.verifyShort(`address-${word}`, token, now());
  // As mails had them before.
  const long = links.verify(`address-${word}`, token, now());
  const change =
    short.kind !== 'invalid'
      ? await findAddressChangeByNumber(db, short.subject)
      : long.kind === 'invalid'
        ? undefined
        : await findAddressChange(db, long.subject);
  const subscription = change && (await findSubscription(db, change.subscriptionId));
  const publication = subscription && (await findPublication(db, subscription.publicationId));
  if (change === undefined || subscription === undefined || publication === undefined) return undefined;
  const expired = short.kind === 'expired' || long.kind === 'expired';
  return { word, token, expired, change, subscription, publication };
}

async function applyChange(context: PageContext, { word, change }: OpenedChange): Promise<string> {
  const { kind } = await (word === 'confirm' ? completeAddressChange : revertAddressChange)(
    context,
    change.id,
  );
  return kind;
}

/**
 * The subscription has ended, and what the link could do with it. Another address may take a change back that it had confirmed,
 * also after the new one has left; and one that was merged has not left, but reads at another address.
 */
function hasLeft({ word, change, subscription }: OpenedChange): boolean {
  if (subscription.status !== 'unsubscribed' || change.mergedInto !== null) return false;
  return word === 'confirm' || change.state !== 'confirmed';
}

/** The page of a link whose subscription has ended. Only its own address may undo that: the new one may be a stranger's. */
async function showEnded(context: PageContext, res: Response, opened: OpenedChange): Promise<void> {
  const { change, subscription } = opened;
  const linkOf = opened.word === 'confirm' ? change.newEmail : change.oldEmail;
  if (linkOf === subscription.email) return showLeft(context, res, opened);
  return showState(context, res.status(410), opened, 'left');
}

async function showChange(context: PageContext, res: Response, opened: OpenedChange): Promise<void> {
  if (hasLeft(opened)) return showEnded(context, res, opened);
  const { word, change, expired } = opened;
  const done = word === 'confirm' ? 'confirmed' : 'cancelled';
  if (change.oldEmail === null) return showState(context, res.status(410), opened, 'expired');
  // A newer change of address may have come after this one.
  const isCurrent =
    change.mergedInto !== null ||
    opened.subscription.email === (word === 'confirm' ? change.newEmail : change.oldEmail);
  if (change.state === done)
    return isCurrent
      ? showState(context, res, opened, 'done')
      : showState(context, res.status(410), opened, 'expired');
  if (change.state === 'cancelled') return showState(context, res.status(410), opened, 'cancelled');
  if (expired) return showState(context, res.status(410), opened, 'expired');
  return showState(context, res, opened, 'asked');
}

/** The old address is masked on the page that the new address gets a link to: its owner may be somebody else. */
function showState(
  { templates }: PageContext,
  res: Response,
  { word, token, change, subscription, publication }: OpenedChange,
  state: 'asked' | 'done' | 'cancelled' | 'expired' | 'left',
): void {
  const [oldEmail, newEmail] = [change.oldEmail ?? '', change.newEmail ?? ''];
  const data = {
    publication,
    token,
    state,
    oldEmail: word === 'confirm' ? maskAddress(oldEmail) : oldEmail,
    newEmail,
    merged: change.mergedInto !== null,
    leftAt: subscription.unsubscribedAt,
    zone: subscription.timezone,
  };
  res.type('html').send(templates.page(`address-${word}`, subscription.locale, data));
}
