import express, { type Request, type Response, type Router } from 'express';
import type { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import { singleFlight } from '../../../platform/process/single-flight.js';
import { findPublicationByAnySlug } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import type { FormMistake } from '../../../subscribers/sign-up/check-form.js';
import { createFormReceiver, type ReceiveResult } from '../../../subscribers/sign-up/receive-form.js';
import type { SignUpForm } from '../../../subscribers/sign-up/request.js';
import {
  sendBusy,
  sendError,
  setErrorPublication,
  sendTooManyRequests,
  wantsJson,
} from '../../errors/error-responses.js';
import { sendProblem } from '../../errors/problem.js';
import { allowAllOrigins } from '../../middleware/cors.js';
import { readSignUp } from '../../middleware/read-body.js';
import { sealTicket } from './check-inbox.js';
import { describeMistake } from './form-mistakes.js';
import { signUpFormSchema } from './form-schema.js';
import { showSignUpPage } from './page.js';
import { buildRetryForm } from './retry-form.js';
import { showPublicationArchived } from '../shared-pages.js';

type PublicContext = Pick<
  Context,
  'db' | 'log' | 'now' | 'links' | 'templates' | 'checkMailDomain' | 'mailer' | 'proofOfWork'
>;

/** The route that takes sign-ups, from our forms, embedded ones and programs. */
export function subscriptionRoutes(context: PublicContext): Router {
  const { db } = context;
  const receiver = createFormReceiver(context);
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

/** Answers in the same way whether the address is subscribed or not; its owner learns more by mail. */
async function sendResult(
  context: PublicContext,
  req: Request,
  res: Response,
  { publication, result, form }: { publication: Publication; result: ReceiveResult; form: SignUpForm },
): Promise<void> {
  if (result.kind === 'mistake')
    return await sendMistake(context, req, res, publication, form, result.mistake);
  res.set('Cache-Control', 'no-store');
  switch (result.kind) {
    case 'recorded':
      if (wantsJson(req)) return void res.status(202).json(checkInboxBody(context, publication, result.held));
      return res.redirect(303, `/check-inbox/${sealTicket(context, publication.id, result.id, 0)}`);
    case 'too-many':
      return sendTooManyRequests(
        context,
        req,
        res,
        publication,
        result.seconds,
        buildRetryForm(publication, form),
      );
    case 'busy':
      return sendBusy(context, req, res, buildRetryForm(publication, form));
    case 'proof-needed': {
      const detail = context.templates.t(publication.locale, 'errors.proofNeeded');
      const { challenge } = result;
      return sendProblem(res, { status: 428, code: 'proof-needed', detail, challenge });
    }
  }
}

/** `detail` is there for a held sign-up, which is sent no link yet: the embedded form shows it instead of its own text. */
function checkInboxBody({ templates }: PublicContext, { locale }: Publication, held: boolean): object {
  const status = 'check-inbox';
  if (!held) return { status };
  const lines = ['embed.received', 'checkInbox.held'].map((key) => templates.t(locale, key));
  return { status, detail: lines.join('\n') };
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

/** Mistakes that programs may want to tell from others. */
const OWN_CODES: readonly FormMistake['reason'][] = ['typo', 'no-mail-server', 'beyond-ascii'];

async function sendMistake(
  context: PublicContext,
  req: Request,
  res: Response,
  publication: Publication,
  form: SignUpForm,
  mistake: FormMistake,
): Promise<void> {
  const { reason } = mistake;
  const error = describeMistake(context, publication.locale, mistake);
  if (wantsJson(req)) {
    const code = OWN_CODES.includes(reason) ? reason : 'invalid-form';
    const { message: detail, suggestion } = error;
    return sendProblem(res, { status: 422, code, detail, ...(suggestion ? { suggestion } : {}) });
  }
  return await showSignUpPage(context, res, publication, {
    status: 422,
    email: form.email,
    source: form.source ?? '',
    chosen: { cadence: form.cadence, topics: form.topics },
    formTime: form.form,
    errors: [error],
  });
}
