import type { Request, Response } from 'express';
import { z } from 'zod';
import { checkPasskey } from '../../../operators/credentials/check-passkey.js';
import { checkPassword } from '../../../operators/credentials/passwords.js';
import { takeSecondFactor } from '../../../operators/credentials/second-factor.js';
import { consumeEntryLink } from '../../../operators/entry-link.js';
import type { Operator } from '../../../operators/operator.js';
import { deskOf } from '../frame/desk.js';
import type { SignInContext } from './sign-in-context.js';
import { describeCodeMistake, describeLimit } from './sign-in-page.js';

/** The fields of a form by which somebody shows that it is she, beside those of the form that she sends. */
const confirmationForm = z.object({
  'confirm-password': z.string().max(1000).optional(),
  'confirm-code': z.string().max(100).catch(''),
  'confirm-credential': z.string().max(40_000).optional(),
  'confirm-link': z.string().max(1000).optional(),
});

type Confirmation = z.infer<typeof confirmationForm>;

/** `asked`: nothing was typed yet. */
export type Confirmed =
  | { kind: 'shown' }
  | { kind: 'asked' }
  | { kind: 'refused'; mistake: string }
  | { kind: 'limited'; mistake: string; seconds: number };

/** Checks what a signed-in operator typed to show that it is she: a passkey, a password with its code, or a new entry link. */
export async function checkConfirmation(
  context: SignInContext,
  req: Request,
  res: Response,
): Promise<Confirmed> {
  const form: Confirmation = confirmationForm.safeParse(req.body ?? {}).data ?? { 'confirm-code': '' };
  const { operator, session } = deskOf(res);
  if (form['confirm-credential'] && operator !== undefined)
    return checkCredential(context, operator, session.id, form['confirm-credential']);
  if (form['confirm-link'] !== undefined) return checkLink(context, operator, form['confirm-link']);
  if (form['confirm-password'] === undefined || operator === undefined) return { kind: 'asked' };
  const typed = { password: form['confirm-password'], code: form['confirm-code'] };
  return checkTyped(context, req, operator, typed);
}

async function checkCredential(
  context: SignInContext,
  operator: Operator,
  sessionId: string,
  credential: string,
): Promise<Confirmed> {
  const checked = await checkPasskey(context, { kind: 'confirm', sessionId }, credential);
  if (checked.kind === 'right' && checked.operator.id === operator.id) return { kind: 'shown' };
  return { kind: 'refused', mistake: 'This passkey was not accepted. Nothing was changed.' };
}

/** Who was let in by the command line alone shows it by another link of it. */
async function checkLink(
  context: SignInContext,
  operator: Operator | undefined,
  typed: string,
): Promise<Confirmed> {
  const secret = typed.trim().split('/').at(-1) ?? '';
  const entered = await consumeEntryLink(context, secret);
  if (entered !== undefined && entered.operatorId === (operator?.id ?? null)) return { kind: 'shown' };
  return {
    kind: 'refused',
    mistake:
      'This link does not let you in. Nothing was changed. Make a fresh one: each works once, within 15 minutes.',
  };
}

async function checkTyped(
  context: SignInContext,
  req: Request,
  operator: Operator,
  { password, code }: { password: string; code: string },
): Promise<Confirmed> {
  const attempt = await context.attempts.count(req, operator.email, 'password');
  if (attempt.kind === 'limited') return limited(attempt.seconds);
  const checked = await checkPassword(context, { email: operator.email, password });
  if (checked.kind === 'wrong')
    return { kind: 'refused', mistake: 'This password is not right. Nothing was changed.' };
  await attempt.forgive();
  const codeAttempt = await context.attempts.countCode(req, operator.id);
  if (codeAttempt.kind === 'limited') return limited(codeAttempt.seconds);
  const factor = await takeSecondFactor(context, operator.id, code);
  if (factor !== 'right' && factor !== 'not-needed')
    return { kind: 'refused', mistake: describeCodeMistake(factor) };
  await codeAttempt.forgive();
  return { kind: 'shown' };
}

function limited(seconds: number): Confirmed {
  return { kind: 'limited', seconds, mistake: `${describeLimit(seconds)} Nothing was changed.` };
}
