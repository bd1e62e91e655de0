import type { Request, RequestHandler, Response } from 'express';
import { isFresh } from '../../../operators/sessions/session.js';
import { markFresh } from '../../../operators/sessions/sessions.js';
import { requestedPath } from '../../middleware/base-path.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { checkConfirmation } from '../sign-in/check-confirmation.js';
import { sendConfirmPage } from '../sign-in/confirm-page.js';
import { allFieldsOf } from '../sign-in/kept-form.js';
import type { SignInContext } from '../sign-in/sign-in-context.js';
import { deskOf } from './desk.js';

/**
 * For acts of which somebody at an unattended browser must be capable no more than a stranger: where the operator has not shown
 * for ten minutes that it is she, she is asked again, and the act goes on with what she typed. It stands behind the guard.
 */
export function requireFresh(context: SignInContext): RequestHandler {
  return async (req, res, next) => {
    if (isFresh(deskOf(res).session, context.now())) return next();
    if (req.method === 'GET' || req.method === 'HEAD') {
      const query = new URLSearchParams({ next: requestedPath(req) });
      return res.redirect(303, `/operator/confirm?${query.toString()}`);
    }
    await readDeskForm(req, res);
    if (await showsThatItIsShe(context, req, res, { action: requestedPath(req), unasked: 403 }))
      return next();
  };
}

/**
 * Whether this request shows that it is she: then her session counts as fresh again. Otherwise she is asked, with all fields of
 * the form carried along.
 * @param action where the form goes, below the base path; `unasked`: the status where nothing was typed yet
 */
export async function showsThatItIsShe(
  context: SignInContext,
  req: Request,
  res: Response,
  { action, unasked }: { action: string; unasked: 403 | 422 },
): Promise<boolean> {
  const checked = await checkConfirmation(context, req, res);
  if (checked.kind === 'shown') {
    await markFresh(context, deskOf(res).session.id);
    return true;
  }
  const mistake = checked.kind === 'asked' ? null : checked.mistake;
  if (checked.kind === 'limited') res.status(429).set('Retry-After', String(checked.seconds));
  else res.status(checked.kind === 'asked' ? unasked : 422);
  await sendConfirmPage(context, res, { action, fields: allFieldsOf(req.body), mistake });
  return false;
}
