import express, { type Request, type Response, type Router } from 'express';
import { askToMove, moveReader, takeMoveBack } from '../../deliveries/move-reader.js';
import type { Context } from '../../platform/context.js';
import { findPublication } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { maskAddress } from '../../subscribers/address.js';
import { findAddressChange, type AddressChange } from '../../subscribers/address-reads.js';
import { findSubscription } from '../../subscribers/reads.js';
import { typedEmail } from './lost-link.js';
import { openManage, type Manager } from './manage-token.js';
import { checkAddress } from './sign-up-checks.js';
import { showInvalid, showOwnNeeded } from './token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'mailDomain'>;

/** Reading at another address: her own link asks, the new address confirms, the old one may take it back. */
export function ownAddressRoutes(context: PageContext): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '10kb' });

  router.get('/manage/:token/address', async (req, res) => {
    const manager = await openManage(context, req.params.token);
    if (manager === undefined) return showInvalid(context, res);
    if (!manager.own) return showOwnNeeded(context, res, manager, req.params.token);
    return showForm(context, res, manager, { token: req.params.token });
  });

  router.post('/manage/:token/address', form, async (req, res) => {
    const { token = '' } = req.params as { token?: string };
    const manager = await openManage(context, token);
    if (manager === undefined) return showInvalid(context, res);
    if (!manager.own) return showOwnNeeded(context, res, manager, token);
    const email = typedEmail(req);
    const { locale } = manager.subscription;
    const checked = await checkAddress(context, locale, { email, keep: keptIn(req) });
    if (checked.kind === 'mistake')
      return showForm(context, res.status(422), manager, { token, email, ...checked.error });
    const asked = await askToMove(context, manager.subscription, checked.address);
    if (asked.kind === 'over') return res.redirect(303, `/manage/${token}`);
    if (asked.kind !== 'asked') {
      const message = context.templates.t(locale, refusals[asked.kind]);
      return showForm(context, res.status(422), manager, { token, email, message });
    }
    return res.redirect(303, `/manage/${token}?told=address#own`);
  });

  for (const word of ['confirm', 'cancel'] as const) {
    router.get(`/manage/:token/address/${word}`, async (req, res) => {
      const found = await openChange(context, word, req.params['token'] ?? '');
      return found === undefined ? showInvalid(context, res) : showChange(context, res, found);
    });
    router.post(`/manage/:token/address/${word}`, async (req, res) => {
      const { token = '' } = req.params as { token?: string };
      const found = await openChange(context, word, token);
      if (found === undefined) return showInvalid(context, res);
      if (found.expired || (await decide(context, found)) === 'over')
        return showState(context, res.status(410), found, 'expired');
      return res.redirect(303, `/manage/${token}/address/${word}`);
    });
  }

  return router;
}

const refusals = { same: 'address.same', 'too-often': 'address.tooOften' };

/** `yes`: she was asked whether she meant another domain, and did not. */
function keptIn({ body }: Request): 'yes' | undefined {
  return (body as { keep?: unknown } | undefined)?.keep === 'yes' ? 'yes' : undefined;
}

function showForm(
  { templates }: PageContext,
  res: Response,
  { subscription, publication }: Manager,
  { token, email = '', message = '', suggestion }: AddressForm,
): void {
  const data = { publication, token, email, mistake: message, suggestion: suggestion ?? null };
  const { locale, email: current } = subscription;
  res.type('html').send(templates.page('manage-address', locale, { ...data, current }));
}

/** What she typed, and what is to be said about it. */
type AddressForm = { token: string; email?: string; message?: string; suggestion?: string };

/** What a link of a change of address is about, and which of the two it is. */
type Found = {
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
  word: Found['word'],
  token: string,
): Promise<Found | undefined> {
  const opened = links.open(`address-${word}`, token, now());
  if (opened.kind === 'invalid') return undefined;
  const change = await findAddressChange(db, opened.subject);
  const subscription = change && (await findSubscription(db, change.subscriptionId));
  const publication = await findPublication(db, opened.scope);
  if (change === undefined || subscription === undefined || publication === undefined) return undefined;
  const { locale, email } = subscription;
  return { word, token, expired: opened.kind === 'expired', change, email, locale, publication };
}

async function decide(context: PageContext, { word, change }: Found): Promise<string> {
  const { kind } = await (word === 'confirm' ? moveReader : takeMoveBack)(context, change.id);
  return kind;
}

function showChange(context: PageContext, res: Response, found: Found): void {
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
  { word, token, change, locale, publication }: Found,
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
