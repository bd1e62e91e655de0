import express, { type Request, type Response, type Router } from 'express';
import type { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import { singleFlight } from '../../../platform/process/single-flight.js';
import { findPublicationBySlug } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { createSignUpBatcher } from '../../../subscribers/sign-up/batcher.js';
import {
  sendError,
  setErrorPublication,
  sendTooManyRequests,
  wantsJson,
} from '../../errors/error-responses.js';
import { sendProblem } from '../../errors/problem.js';
import { sealTicket } from './check-inbox.js';
import { createSignUpReceiver, type ReceiveResult } from './assess-and-record.js';
import { checkForm, type Mistake } from './validate-form.js';
import { signUpFormSchema, type SignUpForm } from './form-schema.js';
import { showSignUpPage } from './page.js';
import { buildRetryForm } from './retry-form.js';
import { showPublicationArchived } from '../shared-pages.js';

type PublicContext = Pick<
  Context,
  'db' | 'log' | 'now' | 'links' | 'templates' | 'checkMailDomain' | 'proofOfWork'
>;

/** Where every sign-up form is sent to: ours, the embedded ones, and programs. */
export function subscriptionRoutes(context: PublicContext): Router {
  const { db } = context;
  const batcher = createSignUpBatcher(context);
  const receive = createSignUpReceiver(context, batcher);
  const findPublication = singleFlight((slug) => findPublicationBySlug(db, slug));
  const router = express.Router();

  // A reader may reload a form that was refused: its address is this one.
  router.get('/:pub/subscriptions', async (req, res, next) => {
    const publication = await findPublication(req.params.pub);
    if (publication === undefined) return next();
    return res.redirect(303, `/${publication.slug}`);
  });

  router.post(
    '/:pub/subscriptions',
    express.urlencoded({ extended: false, limit: '20kb' }),
    express.json({ limit: '20kb' }),
    async (req, res, next) => {
      const publication = await findPublication(req.params['pub']);
      if (publication === undefined) return next();
      setErrorPublication(res, publication);
      if (publication.archivedAt !== null) return sendArchived(context, req, res, publication);
      // A body of another type is not parsed: an error about an empty address would be wrong.
      if (req.body === undefined && req.is(['urlencoded', 'json']) === false)
        return sendError(context, req, res, { status: 415, page: 'refused' });
      const form = signUpFormSchema.safeParse(req.body ?? {});
      if (!form.success) {
        batcher.countRefusal(publication.id, 'invalid');
        return sendInvalidFields(context, req, res, publication, form.error);
      }
      const checked = await checkForm(context, publication, form.data);
      if (checked.kind === 'mistake') {
        batcher.countRefusal(publication.id, checked.reason);
        return sendMistake(context, req, res, publication, form.data, checked);
      }
      const received = await receive({ req, publication, form: form.data, email: checked.email });
      if (received.kind === 'proof-needed') batcher.countRefusal(publication.id, 'proof-needed');
      return sendResult(context, req, res, { publication, received, form: form.data });
    },
  );

  return router;
}

/** Responds alike for every address, whether it is subscribed or not: the difference is mailed to its owner. */
function sendResult(
  context: PublicContext,
  req: Request,
  res: Response,
  { publication, received, form }: { publication: Publication; received: ReceiveResult; form: SignUpForm },
): void {
  res.set('Cache-Control', 'no-store');
  switch (received.kind) {
    case 'recorded':
      if (wantsJson(req))
        return void res.status(202).json(checkInboxBody(context, publication, received.held));
      return res.redirect(303, `/check-inbox/${sealTicket(context, publication.id, received.id, 0)}`);
    case 'too-many':
      return sendTooManyRequests(
        context,
        req,
        res,
        publication,
        received.seconds,
        buildRetryForm(publication, form),
      );
    case 'busy':
      res.set('Retry-After', '5');
      return sendError(context, req, res, {
        status: 503,
        page: 'unavailable',
        retry: buildRetryForm(publication, form),
      });
    case 'proof-needed': {
      const detail = context.templates.t(publication.locale, 'errors.proofNeeded');
      const { challenge } = received;
      return sendProblem(res, { status: 428, code: 'proof-needed', detail, challenge });
    }
  }
}

/** `detail` only for a held sign-up: no link was sent yet, and the embedded form shows these two lines instead. */
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

async function sendMistake(
  context: PublicContext,
  req: Request,
  res: Response,
  publication: Publication,
  form: SignUpForm,
  { reason, error }: Mistake,
): Promise<void> {
  if (wantsJson(req)) {
    const code = reason === 'typo' || reason === 'no-mail-server' ? reason : 'invalid-form';
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
