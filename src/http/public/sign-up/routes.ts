import express, { type Request, type Response, type Router } from 'express';
import type { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import { singleFlight } from '../../../platform/process/single-flight.js';
import { findPublicationByAnySlug } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import type { FormReceiver } from '../../../subscribers/sign-up/receive-form.js';
import { sendError, setErrorPublication, wantsJson } from '../../errors/error-responses.js';
import { sendProblem } from '../../errors/problem.js';
import { allowAllOrigins } from '../../middleware/cors.js';
import { readSignUp } from '../../middleware/read-body.js';
import { signUpFormSchema } from './form-schema.js';
import { sendResult } from './send-result.js';
import { showPublicationArchived } from '../shared-pages.js';

type PublicContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/** The route that takes sign-ups, from our forms, embedded ones and programs. */
export function subscriptionRoutes(context: PublicContext, receiver: FormReceiver): Router {
  const { db } = context;
  // A form on the publisher's site may name a slug of before.
  const findPublication = singleFlight((slug) => findPublicationByAnySlug(db, slug));
  const router = express.Router();

  // The URL of a form that came back with a mistake, when the browser opens it again without sending the form.
  router.get('/:pub/subscriptions', async (req, res, next) => {
    const publication = await findPublication(req.params.pub);
    if (publication === undefined) return next();
    return res.redirect(303, `/${publication.slug}`);
  });

  // What the browser asks first for a form on a page of another site (CORS).
  router.options('/:pub/subscriptions', (_req, res) => {
    const headers = {
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'Content-Type',
    };
    allowAllOrigins(res).status(204).set(headers).set('Access-Control-Max-Age', '86400').end();
  });

  router.post('/:pub/subscriptions', async (req, res, next) => {
    allowAllOrigins(res);
    const publication = await findPublication(req.params.pub);
    if (publication === undefined) return next();
    setErrorPublication(res, publication);
    if (publication.archivedAt !== null) return sendArchived(context, req, res, publication);
    await readSignUp(req, res);
    // A body of another type is not parsed: without this the answer would be that the address is empty.
    if (req.body === undefined && req.is(['urlencoded', 'json']) === false)
      return sendError(context, req, res, { status: 415, page: 'refused' });
    const form = signUpFormSchema.safeParse(req.body ?? {});
    if (!form.success) {
      receiver.countInvalid(publication.id);
      return sendInvalidFields(context, req, res, publication, form.error);
    }
    const origin = { ip: req.ip, agent: req.get('user-agent') };
    const result = await receiver.receive(publication, form.data, origin);
    return await sendResult(context, req, res, { publication, result, form: form.data });
  });

  return router;
}

function sendInvalidFields(
  context: PublicContext,
  req: Request,
  res: Response,
  { locale }: Publication,
  error: z.ZodError,
): void {
  const fields = [...new Set(error.issues.map((issue) => issue.path.join('.')))].join(', ');
  const detail = fields === '' ? undefined : context.templates.t(locale, 'errors.fields', { fields });
  sendError(context, req, res, { status: 422, page: 'refused', ...(detail ? { detail } : {}) });
}

function sendArchived(context: PublicContext, req: Request, res: Response, publication: Publication): void {
  if (!wantsJson(req)) return showPublicationArchived(context, res, publication);
  const detail = context.templates.t(publication.locale, 'archived.what');
  return sendProblem(res, { status: 410, code: 'archived', detail });
}
