import express, { type Request, type Response, type Router } from 'express';
import { beginAddressChange } from '../../../deliveries/self-service/address-change.js';
import type { Context } from '../../../platform/context.js';
import { readForm } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { addressChangeLinkRoutes } from './address-change-link-routes.js';
import { typedEmail } from './lost-link-routes.js';
import { openManageLink, type ManageLink } from './link.js';
import { checkAddress } from '../../../subscribers/sign-up/check-form.js';
import { describeMistake } from '../sign-up/form-mistakes.js';
import { showOneHourLinkNeeded } from '../shared-pages.js';

type PageContext = Pick<
  Context,
  'db' | 'now' | 'actor' | 'links' | 'templates' | 'hashAddress' | 'checkMailDomain' | 'mailer'
>;

/** A change of address: requested with the one-hour link, confirmed from the new address, cancelled from the old one. */
export function addressChangeRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use('/manage', privatePage);

  router.get('/manage/:token/address', async (req, res) => {
    const manager = await openManageLink(context, req, res);
    if (manager === undefined) return;
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, req.params.token);
    return showForm(context, res, manager, { token: req.params.token });
  });

  router.post('/manage/:token/address', async (req, res) => {
    const { token } = req.params;
    const manager = await openManageLink(context, req, res);
    if (manager === undefined) return;
    if (!manager.isOneHourLink) return showOneHourLinkNeeded(context, res, manager, token);
    await readForm(req, res);
    const email = typedEmail(req);
    const { subscription, publication } = manager;
    const locale = context.templates.resolveLocale(subscription.locale, publication.locale);
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

  router.use(addressChangeLinkRoutes(context));
  return router;
}

const refusalMessageKeys = { 'same-address': 'address.same', 'too-often': 'address.tooOften' };

/** She was asked whether she mistyped the domain, and answered that she did not. */
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

/** What she typed, and the message under it. */
type AddressForm = { token: string; email?: string; message?: string; suggestion?: string };
