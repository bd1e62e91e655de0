import type { Response } from 'express';
import { passkeySiteOf } from '../../../operators/credentials/passkey-site.js';
import type { Context } from '../../../platform/context.js';
import type { KeptForm } from './kept-form.js';
import { writeKept } from './kept-form.js';
import { safeNextPath } from './next-path.js';

type PageContext = Pick<Context, 'publicUrl' | 'templates'>;

/** What the pages that sign in carry along: where to go afterwards, and a form that was not sent. */
export type Onward = { next: string; kept: KeptForm | undefined };

/** What is said above the fields. */
export type SignInMistake =
  | { kind: 'wrong' }
  | { kind: 'empty' }
  | { kind: 'limited'; seconds: number }
  | { kind: 'passkey' }
  | { kind: 'passkey-copied' }
  | { kind: 'code'; why: 'wrong' | 'used' | 'locked' }
  | { kind: 'over' };

export function onwardOf(body: unknown, kept: KeptForm | undefined): Onward {
  return { next: safeNextPath((body as { next?: unknown } | undefined)?.next), kept };
}

/** The page to sign in on, with what was typed. */
export function sendSignInPage(
  { publicUrl, templates }: PageContext,
  res: Response,
  {
    email = '',
    mistake,
    isTooLarge = false,
    ...onward
  }: Onward & { email?: string; mistake?: SignInMistake; isTooLarge?: boolean },
): void {
  res.type('html').send(
    templates.page('sign-in', 'en', {
      email,
      mistake: mistake === undefined ? null : describeMistake(mistake),
      hasPasskeys: passkeySiteOf(publicUrl) !== undefined,
      isTooLarge,
      isKept: onward.kept !== undefined,
      carried: carriedFields(onward),
    }),
  );
}

/** The page that asks for a code after the password. */
export function sendCodePage(
  { templates }: PageContext,
  res: Response,
  { ticket, mistake, ...onward }: Onward & { ticket: string; mistake?: SignInMistake },
): void {
  const described = mistake === undefined ? null : describeMistake(mistake);
  res
    .type('html')
    .send(
      templates.page('sign-in-code', 'en', { ticket, mistake: described, carried: carriedFields(onward) }),
    );
}

/**
 * After signing in: leads on; or shows the form that was not sent, for its button to be pressed.
 */
export function leadOn({ templates }: Pick<PageContext, 'templates'>, res: Response, onward: Onward): void {
  const { kept, next } = onward;
  if (kept === undefined) return res.redirect(303, next);
  const fields = kept.fields.map(([name, value]) => ({
    name,
    value,
    label: labelOf(name),
    isLong: value.length > 60 || value.includes('\n'),
  }));
  res.type('html').send(templates.page('kept-form', 'en', { ...kept, fields }));
}

/** As hidden fields. */
function carriedFields({ next, kept }: Onward): { name: string; value: string }[] {
  const written = writeKept(kept);
  return [{ name: 'next', value: next }, ...(written === null ? [] : [{ name: 'kept', value: written }])];
}

/** `welcomeText` as `Welcome text`. */
function labelOf(name: string): string {
  const words = name
    .replaceAll(/[-_.]+/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function describeMistake(mistake: SignInMistake): string {
  switch (mistake.kind) {
    case 'wrong':
      return 'This address and this password do not belong together. Check both, or get a link by mail.';
    case 'empty':
      return 'Type your address and your password.';
    case 'limited':
      return `${describeLimit(mistake.seconds)} A passkey works now.`;
    case 'passkey':
      return 'This passkey was not accepted. Try again, or sign in another way.';
    case 'passkey-copied':
      return 'This passkey was not accepted: somebody may have copied it. Sign in another way, and remove it in your account.';
    case 'code':
      return describeCodeMistake(mistake.why);
    case 'over':
      return 'That took longer than ten minutes. Type your password again.';
  }
}

export function describeLimit(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return `Too many tries from here. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`;
}

export function describeCodeMistake(why: 'wrong' | 'used' | 'locked'): string {
  return CODE_MISTAKES[why];
}

const CODE_MISTAKES = {
  wrong: 'This code is not right. Type the one that your program shows now, or a recovery code.',
  used: 'This code was used before. Wait for the next one, which your program shows within 30 seconds.',
  locked:
    'This server cannot check codes now: the key that it keeps them under is missing. Use a recovery code, or ask whoever runs the server.',
} as const;
