import express, { type Request, type Response, type Router } from 'express';
import type { z } from 'zod';
import type { Context } from '../../platform/context.js';
import { shareAnswers } from '../../platform/share.js';
import { findPublicationBySlug } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { createSignUpDesk } from '../../subscribers/sign-up-desk.js';
import {
  answerError,
  answerProblem,
  answerProblemWith,
  answersFor,
  answerTooMany,
  wantsJson,
} from '../errors.js';
import { sealTicket } from './check-inbox.js';
import { createReceiver, type Received } from './receive-sign-up.js';
import { checkForm, type Mistake } from './sign-up-checks.js';
import { formSchema, showForm, type Form } from './sign-up-form.js';
import { retryOf } from './sign-up-retry.js';
import { showArchived } from './token-pages.js';

type PublicContext = Pick<Context, 'db' | 'log' | 'now' | 'links' | 'templates' | 'mailDomain' | 'proofs'>;

/** Where the form is sent to, from our page and from everybody else's: the busiest address of the house. */
export function subscriptionRoutes(context: PublicContext): Router {
  const { db } = context;
  const desk = createSignUpDesk(context);
  const receive = createReceiver(context, desk);
  const findPublication = shareAnswers((slug) => findPublicationBySlug(db, slug));
  const router = express.Router();

  // The address that stands in the bar above a form that was refused.
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
      answersFor(res, publication);
      if (publication.archivedAt !== null) return refuseArchived(context, req, res, publication);
      // A body of another type has not been read: to call the address empty would be untrue.
      if (req.body === undefined && req.is(['urlencoded', 'json']) === false)
        return answerError(context, req, res, { status: 415, page: 'refused' });
      const form = formSchema.safeParse(req.body ?? {});
      if (!form.success) {
        desk.refuse(publication.id, 'invalid');
        return refuseFields(context, req, res, publication, form.error);
      }
      const checked = await checkForm(context, publication, form.data);
      if (checked.kind === 'mistake') {
        desk.refuse(publication.id, checked.reason);
        return refuse(context, req, res, publication, form.data, checked);
      }
      const received = await receive({ req, publication, form: form.data, email: checked.email });
      if (received.kind === 'proof-needed') desk.refuse(publication.id, 'proof-needed');
      return answer(context, req, res, { publication, received, form: form.data });
    },
  );

  return router;
}

/** The same for every address, whatever we know of it: that is told by mail, to its owner. */
function answer(
  context: PublicContext,
  req: Request,
  res: Response,
  { publication, received, form }: { publication: Publication; received: Received; form: Form },
): void {
  res.set('Cache-Control', 'no-store');
  switch (received.kind) {
    case 'recorded':
      if (wantsJson(req)) return void res.status(202).json(checkInbox(context, publication, received.held));
      return res.redirect(303, `/check-inbox/${sealTicket(context, publication.id, received.id, 0)}`);
    case 'too-many':
      return answerTooMany(context, req, res, publication, received.seconds, retryOf(publication, form));
    case 'busy':
      res.set('Retry-After', '5');
      return answerError(context, req, res, {
        status: 503,
        page: 'unavailable',
        retry: retryOf(publication, form),
      });
    case 'proof-needed': {
      const detail = context.templates.t(publication.locale, 'errors.proofNeeded');
      const problem = { status: 428, code: 'proof-needed', detail };
      return answerProblemWith(res, problem, { challenge: received.challenge });
    }
  }
}

/** Whoever is held is not told that a link was sent: `detail` says what happens instead, under a line of its own. */
function checkInbox({ templates }: PublicContext, { locale }: Publication, held: boolean): object {
  const status = 'check-inbox';
  if (!held) return { status };
  const said = ['embed.received', 'checkInbox.held'].map((key) => templates.t(locale, key));
  return { status, detail: said.join('\n') };
}

function refuseFields(
  context: PublicContext,
  req: Request,
  res: Response,
  { locale }: Publication,
  error: z.ZodError,
): void {
  const fields = [...new Set(error.issues.map((issue) => issue.path.join('.')))].join(', ');
  const detail = fields === '' ? undefined : context.templates.t(locale, 'errors.fields', { fields });
  answerError(context, req, res, { status: 422, page: 'refused', ...(detail ? { detail } : {}) });
}

function refuseArchived(context: PublicContext, req: Request, res: Response, publication: Publication): void {
  if (!wantsJson(req)) return showArchived(context, res, publication);
  return answerProblem(res, 410, 'archived', context.templates.t(publication.locale, 'archived.what'));
}

async function refuse(
  context: PublicContext,
  req: Request,
  res: Response,
  publication: Publication,
  form: Form,
  { reason, error }: Mistake,
): Promise<void> {
  if (wantsJson(req)) {
    const code = reason === 'typo' || reason === 'no-mail-server' ? reason : 'invalid-form';
    const { message: detail, suggestion } = error;
    return answerProblemWith(res, { status: 422, code, detail }, suggestion ? { suggestion } : {});
  }
  return await showForm(context, res, publication, {
    status: 422,
    email: form.email,
    source: form.source ?? '',
    wishes: { cadence: form.cadence, topics: form.topics },
    sent: form.form,
    errors: [error],
  });
}
