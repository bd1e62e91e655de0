import express, { type Request, type Response, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import type { FormReceiver } from '../../../subscribers/sign-up/receive-form.js';
import { sendError, setErrorPublication } from '../../errors/error-responses.js';
import { allowAllOrigins } from '../../middleware/cors.js';
import { sendResult } from '../sign-up/send-result.js';
import { chooseNewsletters } from './choose-newsletters.js';
import { describeFailure } from './describe-failure.js';
import { readFormFields } from './read-form.js';
import { receiveOtherForm, type OtherResult } from './receive.js';

type FormContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/**
 * Forms that were made for listmonk (https://github.com/knadh/listmonk, cmd/public.go): its page's form, answered with pages, and
 * its public API, answered as that does: `{"data": {"has_optin": true}}`, or `{"message": …}` with an error's status.
 */
export function listmonkFormRoutes(
  context: FormContext,
  receiver: FormReceiver,
  listNewsletters: () => Promise<Publication[]>,
): Router {
  const router = express.Router();

  const receive = async (req: Request, res: Response): Promise<OtherResult> => {
    const fields = await readFormFields(req, res);
    const newsletters = chooseNewsletters(await listNewsletters(), [
      ...fields.all('l'),
      ...fields.all('list_uuids'),
    ]);
    return receiveOtherForm(receiver, req, {
      email: fields.first('email'),
      honeypot: fields.first('nonce'),
      newsletters,
    });
  };

  router.get('/subscription/form', async (_req, res) => {
    const [only, ...others] = await listNewsletters();
    return res.redirect(303, only === undefined || others.length > 0 ? '/' : `/${only.slug}`);
  });

  router.post('/subscription/form', async (req, res) => {
    const received = await receive(req, allowAllOrigins(res));
    if (received.kind === 'none') return sendError(context, req, res, { status: 404, page: 'notFound' });
    setErrorPublication(res, received.publication);
    if (received.kind === 'invalid') return sendError(context, req, res, { status: 422, page: 'refused' });
    return await sendResult(context, req, res, received);
  });

  router.options('/api/public/subscription', (_req, res) => {
    const headers = {
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'Content-Type',
    };
    allowAllOrigins(res).status(204).set(headers).set('Access-Control-Max-Age', '86400').end();
  });

  router.post('/api/public/subscription', async (req, res) => {
    allowAllOrigins(res).set('Cache-Control', 'no-store');
    const received = await receive(req, res);
    const failure = describeFailure(context, received);
    if (failure === undefined) return res.json({ data: { has_optin: true } });
    const { status, message, retryAfter } = failure;
    if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter));
    return res.status(status).json({ message });
  });

  return router;
}
