import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { checkPassword, type PasswordCheck } from '../../../operators/credentials/passwords.js';
import { needsSecondFactor, takeSecondFactor } from '../../../operators/credentials/second-factor.js';
import { operatorEmailSchema } from '../../../operators/operator.js';
import { readKeptForm } from '../../middleware/read-body.js';
import { readTicket, writeTicket } from './code-ticket.js';
import { readKept } from './kept-form.js';
import { rememberDevice } from './known-device.js';
import { findRequestSession, startSession } from './session.js';
import type { SignInContext } from './sign-in-context.js';
import { leadOn, onwardOf, sendCodePage, sendSignInPage, type Onward } from './sign-in-page.js';

const text = z.string().max(1000).catch('');
const signInForm = z.object({ email: text, password: text });
const codeForm = z.object({ ticket: text, code: text });

/** Signing in with a password, and with a code where the account has one. */
export function passwordSignInRoutes(context: SignInContext): Router {
  const router = express.Router();

  router.get('/', async (req, res) => {
    const onward = onwardOf(req.query, undefined);
    if ((await findRequestSession(context, req)) !== undefined) return res.redirect(303, onward.next);
    return sendSignInPage(context, res, onward);
  });

  router.post('/', async (req, res) => {
    await readKeptForm(req, res);
    const { email, password } = signInForm.parse(req.body ?? {});
    const onward = readOnward(req);
    const show = (status: number, mistake: Parameters<typeof sendSignInPage>[2]['mistake']) =>
      sendSignInPage(context, res.status(status), { ...onward, email, ...(mistake && { mistake }) });
    if (email.trim() === '' || password === '') return show(422, { kind: 'empty' });
    const attempt = await context.attempts.count(req, email.trim(), 'password');
    if (attempt.kind === 'limited') {
      res.set('Retry-After', String(attempt.seconds));
      return show(429, { kind: 'limited', seconds: attempt.seconds });
    }
    const checked = await checkTyped(context, email.trim(), password);
    if (checked.kind === 'wrong') return show(422, { kind: 'wrong' });
    await attempt.forgive();
    return enter(context, req, res, { ...checked, onward });
  });

  router.post('/code', async (req, res) => {
    await readKeptForm(req, res);
    const { ticket, code } = codeForm.parse(req.body ?? {});
    const onward = readOnward(req);
    const operatorId = await readTicket(context, ticket);
    if (operatorId === undefined)
      return sendSignInPage(context, res.status(422), { ...onward, mistake: { kind: 'over' } });
    const attempt = await context.attempts.countCode(req, operatorId);
    if (attempt.kind === 'limited') {
      const { seconds } = attempt;
      res.set('Retry-After', String(seconds)).status(429);
      return sendCodePage(context, res, { ...onward, ticket, mistake: { kind: 'limited', seconds } });
    }
    const factor = await takeSecondFactor(context, operatorId, code);
    if (factor !== 'right' && factor !== 'not-needed') {
      res.status(422);
      return sendCodePage(context, res, { ...onward, ticket, mistake: { kind: 'code', why: factor } });
    }
    await attempt.forgive();
    return signIn(context, req, res, { operatorId, onward });
  });

  return router;
}

/** Signs a browser in as an operator who has shown that it is she, and leads on. */
export async function signIn(
  context: SignInContext,
  req: Request<object>,
  res: Response,
  { operatorId, onward }: { operatorId: string; onward: Onward },
): Promise<void> {
  await startSession(context, req, { operatorId });
  rememberDevice(context, req, res, operatorId);
  leadOn(context, res, onward);
}

export function readOnward(req: Request<object>): Onward {
  return onwardOf(req.body, readKept((req.body as { kept?: unknown } | undefined)?.kept));
}

/** What is no address takes as long as one without an account. */
function checkTyped(context: SignInContext, email: string, password: string): Promise<PasswordCheck> {
  const isAddress = operatorEmailSchema.safeParse(email).success;
  return checkPassword(context, { email: isAddress ? email : 'nobody@nowhere.invalid', password });
}

async function enter(
  context: SignInContext,
  req: Request<object>,
  res: Response,
  parts: Extract<PasswordCheck, { kind: 'right' }> & { onward: Onward },
): Promise<void> {
  const { operator, changedAt, onward } = parts;
  if (!(await needsSecondFactor(context, operator.id)))
    return signIn(context, req, res, { operatorId: operator.id, onward });
  const ticket = writeTicket(context, operator.id, changedAt);
  return sendCodePage(context, res, { ...onward, ticket });
}
