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
import { findAddressChange, type AddressChange } from '../../../subscribers/address-change/reads.js';
import { findSubscription } from '../../../subscribers/reads.js';
import { typedEmail } from './lost-link-routes.js';
import { openManageLink, type ManageLink } from './link.js';
import { checkAddress } from '../sign-up/validate-form.js';
import { showInvalidLink, showOneHourLinkNeeded } from '../token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'checkMailDomain'>;

/** Reading at another address: her own link asks, the new address confirms, the old one may take it back. */
export function addressChangeRoutes(context: PageContext): Router {
  const router = express.Router();
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
    const checked = await checkAddress(context, locale, { email, keep: readKeep(req) });
    if (checked.kind === 'mistake')
      return showForm(context, res.status(422), manager, { token, email, ...checked.error });
    const asked = await beginAddressChange(context, manager.subscription, checked.address);
    if (asked.kind === 'over') return res.redirect(303, `/manage/${token}`);
    if (asked.kind !== 'asked') {
      const message = context.templates.t(locale, refusalMessageKeys[asked.kind]);
      return showForm(context, res.status(422), manager, { token, email, message });
    }
    return res.redirect(303, `/manage/${token}?told=address#own`);
  });

  for (const word of ['confirm', 'cancel'] as const) {
    router.get(`/manage/:token/address/${word}`, async (req, res) => {
      const found = await openChange(context, word, req.params['token'] ?? '');
      return found === undefined ? showInvalidLink(context, res) : showChange(context, res, found);
    });
    router.post(`/manage/:token/address/${word}`, async (req, res) => {
      const { token = '' } = req.params as { token?: string };
      const found = await openChange(context, word, token);
      if (found === undefined) return showInvalidLink(context, res);
      if (found.expired || (await applyChange(context, found)) === 'over')
        return showState(context, res.status(410), found, 'expired');
      return res.redirect(303, `/manage/${token}/address/${word}`);
    });
  }

  return router;
}

const refusalMessageKeys = { same: 'address.same', 'too-often': 'address.tooOften' };

/** `yes`: she was asked whether she meant another domain, and did not. */
function readKeep({ body }: Request): 'yes' | undefined {
  return (body as { keep?: unknown } | undefined)?.keep === 'yes' ? 'yes' : undefined;
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

/** What she typed, and what is to be said about it. */
type AddressForm = { token: string; email?: string; message?: string; suggestion?: string };

/** What a link of a change of address is about, and which of the two it is. */
type OpenedChange = {
  word: 'confirm' | 'cancel';
  token: string;
  expired: boolean;
  change: AddressChange;
  /** Where her mail goes now. */
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

function showChange(context: PageContext, res: Response, found: OpenedChange): void {
  const { word, change, expired } = found;
  const done = word === 'confirm' ? 'confirmed' : 'cancelled';
  if (change.oldEmail === null) return showState(context, res.status(410), found, 'expired');
  // Something newer may have come: then what this link did is not so any more.
  const isSo =
    change.mergedInto !== null || found.email === (word === 'confirm' ? change.newEmail : change.oldEmail);
  if (change.state === done)
    return isSo
      ? showState(context, res, found, 'done')
      : showState(context, res.status(410), found, 'expired');
  if (change.state === 'cancelled') return showState(context, res.status(410), found, 'cancelled');
  if (expired) return showState(context, res.status(410), found, 'expired');
  return showState(context, res, found, 'asked');
}

/** The old address is masked where a stranger may look. */
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
