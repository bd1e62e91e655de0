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
import { findAddressChange } from '../../../subscribers/address-change/reads.js';
import { findSubscription } from '../../../subscribers/reads.js';
import { showInvalidLink } from '../shared-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress'>;

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
  /** The present address of the subscription. */
  email: string;
  locale: string;
  publication: Publication;
};

async function openChange(
  { db, links, now }: PageContext,
  word: OpenedChange['word'],
  token: string,
): Promise<OpenedChange | undefined> {
  const opened = links.verify(`address-${word}`, token, now());
  if (opened.kind === 'invalid') return undefined;
  const change = await findAddressChange(db, opened.subject);
  const subscription = change && (await findSubscription(db, change.subscriptionId));
  const publication = await findPublication(db, opened.scope);
  if (change === undefined || subscription === undefined || publication === undefined) return undefined;
  const { locale, email } = subscription;
  return { word, token, expired: opened.kind === 'expired', change, email, locale, publication };
}

async function applyChange(context: PageContext, { word, change }: OpenedChange): Promise<string> {
  const { kind } = await (word === 'confirm' ? completeAddressChange : revertAddressChange)(
    context,
    change.id,
  );
  return kind;
}

function showChange(context: PageContext, res: Response, opened: OpenedChange): void {
  const { word, change, expired } = opened;
  const done = word === 'confirm' ? 'confirmed' : 'cancelled';
  if (change.oldEmail === null) return showState(context, res.status(410), opened, 'expired');
  // A newer change of address may have come after this one.
  const isCurrent =
    change.mergedInto !== null || opened.email === (word === 'confirm' ? change.newEmail : change.oldEmail);
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
  { word, token, change, locale, publication }: OpenedChange,
  state: 'asked' | 'done' | 'cancelled' | 'expired',
): void {
  const [oldEmail, newEmail] = [change.oldEmail ?? '', change.newEmail ?? ''];
  const data = {
    publication,
    token,
    state,
    oldEmail: word === 'confirm' ? maskAddress(oldEmail) : oldEmail,
    newEmail,
    merged: change.mergedInto !== null,
  };
  res.type('html').send(templates.page(`address-${word}`, locale, data));
}
