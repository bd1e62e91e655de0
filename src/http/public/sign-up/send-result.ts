import type { Request, Response } from 'express';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import type { FormMistake } from '../../../subscribers/sign-up/check-form.js';
import type { ReceiveResult } from '../../../subscribers/sign-up/receive-form.js';
import type { SignUpForm } from '../../../subscribers/sign-up/request.js';
import { sendBusy, sendTooManyRequests, wantsJson } from '../../errors/error-responses.js';
import { sendProblem } from '../../errors/problem.js';
import { sealTicket } from './check-inbox.js';
import { describeMistake } from './form-mistakes.js';
import { showSignUpPage } from './page.js';
import { buildRetryForm } from './retry-form.js';

type PublicContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/** Answers in the same way whether the address is subscribed or not; its owner learns more by mail. */
export async function sendResult(
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
