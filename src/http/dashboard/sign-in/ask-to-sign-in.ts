import type { Request, Response } from 'express';
import { requestedPath } from '../../middleware/base-path.js';
import { wantsJson } from '../../errors/error-responses.js';
import { sendProblem } from '../../errors/problem.js';
import { keepForm } from './kept-form.js';
import { safeNextPath } from './next-path.js';
import type { SignInContext } from './sign-in-context.js';
import { sendSignInPage } from './sign-in-page.js';

/**
 * Answers a request of a browser that is not signed in, or not any more. A page is shown after signing in; a form is kept, and
 * shown again then. Nothing of it was done.
 */
export async function askToSignIn(context: SignInContext, req: Request, res: Response): Promise<void> {
  res.set('Cache-Control', 'no-store');
  const looks = req.method === 'GET' || req.method === 'HEAD';
  if (!looks && wantsJson(req)) {
    const detail = 'This browser is not signed in any more. Nothing was changed.';
    return sendProblem(res, { status: 401, code: 'not-signed-in', detail });
  }
  const next = safeNextPath(requestedPath(req));
  if (looks) {
    const query = next === '/operator' ? '' : `?${new URLSearchParams({ next }).toString()}`;
    return res.redirect(303, `/operator/sign-in${query}`);
  }
  const kept = await keepForm(req, res);
  const onward = { kept, next: kept?.back ?? '/operator' };
  return sendSignInPage(context, res.status(401), { ...onward, isTooLarge: kept === undefined });
}
