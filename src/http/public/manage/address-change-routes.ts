import express, { type Request, type Response, type Router } from 'express';
import {
  beginAddressChange,
  completeAddressChange,
  revertAddressChange,
} from '../../../deliveries/self-service/address-change.js';
import type { Context } from '../../../platform/context.js';
import { findPublication } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { maskAddress } from '../../../subscribers/address.js';
import { findAddressChange } from '../../../subscribers/address-change/reads.js';
import type { AddressChange } from '../../../subscribers/address-change/address-change.js';
import { findSubscription } from '../../../subscribers/reads.js';
import { privatePage } from '../../middleware/security-headers.js';
import { typedEmail } from './lost-link-routes.js';
import { openManageLink, type ManageLink } from './link.js';
import { checkAddress } from '../../../subscribers/sign-up/check-form.js';
import { describeMistake } from '../sign-up/form-mistakes.js';
import { showInvalidLink, showOneHourLinkNeeded } from '../shared-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'checkMailDomain'>;

/** Reading at another address: asked for with the one-hour link, confirmed at the new address, undone from the old one. */
export function addressChangeRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use('/manage', privatePage);
  const form = express.urlencoded({ extended: false, limit: '10kb' });

  router.get('/manage/:token/address', async (req, res) => {
    const manager = await openManageLink(context, req.params.token);
    if (manager === undefined) return showInvalidLink(context, res);
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, req.params.token);
    return showForm(context, res, manager, { token: req.params.token });
  });

  router.post('/manage/:token/address', form, async (req, res) => {
    const { token = '' } = req.params as { token?: string };
    const manager = await openManageLink(context, token);
    if (manager === undefined) return showInvalidLink(context, res);
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, token);
    const email = typedEmail(req);
    const { locale } = manager.subscription;
    const checked = await checkAddress(context, email, isDomainMeant(req));
    if (checked.kind === 'mistake') {
      const error = describeMistake(context, locale, checked.mistake);
      return showForm(context, res.status(422), manager, { token, email, ...error });
    }
    const begun = await beginAddressChange(context, manager.subscription, checked.address);
    if (begun.kind === 'not-subscribed') return res.redirect(303, `/manage/${token}`);
    if (begun.kind !== 'requested') {
      const message = context.templates.t(locale, refusalMessageKeys[begun.kind]);
      return showForm(context, res.status(422), manager, { token, email, message });
    }
    return res.redirect(303, `/manage/${token}?done=address#own`);
  });

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

const refusalMessageKeys = { 'same-address': 'address.same', 'too-often': 'address.tooOften' };

/** She was asked whether she mistyped the domain, and did not. */
function isDomainMeant({ body }: Request): boolean {
  return (body as { keep?: unknown } | undefined)?.keep === 'yes';
}

function showForm(
  { templates }: PageContext,
  res: Response,
  { subscription, publication }: ManageLink,
  { token, email = '', message = '', suggestion }: AddressForm,
): void {
  const data = { publication, token, email, mistake: message, suggestion: suggestion ?? null };
  const { locale, email: current } = subscription;
  res.type('html').send(templates.page('manage-address', locale, { ...data, current }));
}

/** What she typed, and the error beside it. */
type AddressForm = { token: string; email?: string; message?: string; suggestion?: string };

/** A change of address that one of its two links opened. */
type OpenedChange = {
  word: 'confirm' | 'cancel';
  token: string;
  expired: boolean;
  change: AddressChange;
  /** The subscription's address now. */
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
  // A newer change may have replaced what this link did.
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

/** The old address is masked on the page of the new one, whose owner may be a stranger. */
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
