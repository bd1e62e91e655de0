import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import {
  addHook,
  MAX_HOOKS_OF_PROVIDER,
  removeHook,
  renewHookSecret,
  type AddedHook,
  type HookProof,
} from '../../../../events/providers/change-hooks.js';
import { providers, type Provider } from '../../../../events/providers/provider.js';
import { providerNames } from '../../../../platform/mail/smtp/providers.js';
import { findHook } from '../../../../events/providers/reads.js';
import { MAX_TEST_BOUNCES_AN_HOUR, orderTestBounce } from '../../../../events/providers/test-bounce.js';
import type { Context } from '../../../../platform/context.js';
import { readDeskForm } from '../../../middleware/read-body.js';
import { asOperator } from '../../frame/as-operator.js';
import { deskOf } from '../../frame/desk.js';
import { findFlash } from '../../frame/flash.js';
import { sendNotFound } from '../../frame/own-row.js';
import { sendHooksPage, type HooksPageContext } from './hooks-page.js';

type HookRoutesContext = HooksPageContext & Pick<Context, 'config'>;

const PAGE = '/operator/health/hooks';

const addForm = z.object({
  provider: z.enum(providers),
  proof: z.string().max(5000).catch(''),
});

/** The webhooks of providers, for administrators: mail servers are of the whole server. */
export function hookRoutes(context: HookRoutesContext): Router {
  const router = express.Router();
  router.get('/', (req, res) =>
    sendHooksPage(context, res, { flash: findFlash(FLASHES, req.query['done']) }),
  );
  router.post('/', (req, res) => add(context, req, res));
  router.post('/:id/secret', (req, res) => renew(context, req, res));
  router.post('/:id/remove', (req, res) => remove(context, req, res));
  router.post('/:id/test', (req, res) => test(context, req, res));
  return router;
}

async function add(context: HookRoutesContext, req: Request, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const form = addForm.safeParse(req.body);
  if (!form.success) return res.redirect(303, PAGE);
  const { provider, proof } = form.data;
  const added = await addHook(asOperator(context, res), toProof(provider, proof));
  if (added.kind !== 'added') {
    const words = describeMistake(provider, added.kind);
    return sendHooksPage(context, res.status(422), { mistake: { provider, typed: proof, words } });
  }
  const { secret } = added;
  // The secret is on the page that answers, and never again.
  if (secret !== undefined) return sendHooksPage(context, res, { made: { provider, secret } });
  return res.redirect(303, `${PAGE}?done=added`);
}

function toProof(provider: Provider, proof: string): HookProof {
  if (provider === 'ses') return { provider, topicArn: proof };
  return provider === 'postmark' || provider === 'brevo' ? { provider } : { provider, key: proof };
}

function describeMistake(provider: Provider, kind: Exclude<AddedHook['kind'], 'added'>): string {
  switch (kind) {
    case 'wrong-topic':
      return 'That is no ARN of a topic of SNS.';
    case 'wrong-key':
      return provider === 'sendgrid'
        ? 'That is no verification key of SendGrid: copy all of it.'
        : 'That is no signing key of Mailgun: copy all of it.';
    case 'known':
      return 'It is set up here already.';
    case 'too-many':
      return `There are ${MAX_HOOKS_OF_PROVIDER} hooks of ${providerNames[provider]} already. Remove one first.`;
  }
}

async function renew(context: HookRoutesContext, req: Request, res: Response): Promise<void> {
  const id = z.uuid().safeParse(req.params['id']);
  const hook = id.success ? await findHook(context.db, id.data) : undefined;
  const secret = hook && (await renewHookSecret(asOperator(context, res), hook.id));
  if (hook === undefined || secret === undefined) return sendNotFound(context, req, res);
  return sendHooksPage(context, res, { made: { provider: hook.provider, secret } });
}

async function remove(context: HookRoutesContext, req: Request, res: Response): Promise<void> {
  const id = z.uuid().safeParse(req.params['id']);
  const isDone = id.success && (await removeHook(asOperator(context, res), id.data));
  if (!isDone) return sendNotFound(context, req, res);
  return res.redirect(303, `${PAGE}?done=removed`);
}

const testForm = z.object({ publication: z.string().max(200).catch('') });

async function test(context: HookRoutesContext, req: Request, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const { publication: slug } = testForm.parse(req.body ?? {});
  const id = z.uuid().safeParse(req.params['id']);
  const publication = deskOf(res).publications.find((one) => one.slug === slug);
  if (!id.success || publication === undefined) return sendNotFound(context, req, res);
  const ordered = await orderTestBounce(context, { hookId: id.data, publicationId: publication.id });
  if (ordered.kind === 'no-such-hook') return sendNotFound(context, req, res);
  return res.redirect(303, `${PAGE}?done=${ordered.kind === 'ordered' ? 'tested' : 'too-many-tests'}`);
}

const FLASHES: Readonly<Record<string, string>> = {
  added: 'It is set up here. What the provider sends is taken from now on.',
  removed: 'What it sends is refused from now on. What was recorded of readers stays.',
  tested: 'The test goes out. Look again in a moment whether its bounce was heard.',
  'too-many-tests': `No test was sent: there were ${MAX_TEST_BOUNCES_AN_HOUR} within the hour.`,
};
