import type { Request, RequestHandler, Response } from 'express';
import type { Operator } from '../../../operators/operator.js';
import { deskOf } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';
import { startSession } from '../sign-in/session.js';
import type { SignInContext } from '../sign-in/sign-in-context.js';

/** A handler for who has an account; 404 for a link that the command line made for nobody in particular. */
export function accountAction(
  context: SignInContext,
  handle: (req: Request, res: Response, operator: Operator) => Promise<void> | void,
): RequestHandler {
  return (req, res) => {
    const { operator } = deskOf(res);
    return operator === undefined ? sendNotFound(context, req, res) : handle(req, res, operator);
  };
}

/** Under a new session id: what she signs in with has changed. When she signed in stays. */
export function renewSession(context: SignInContext, req: Request, res: Response): Promise<void> {
  const { operatorId, signedInAt } = deskOf(res).session;
  return startSession(context, req, { operatorId, signedInAt });
}

/** @param done what the page says */
export function backToAccount(res: Response, done: string): void {
  res.redirect(303, `/operator/account?done=${done}`);
}
