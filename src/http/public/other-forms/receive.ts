import type { Request } from 'express';
import type { Publication } from '../../../publications/publication.js';
import type { FormReceiver, ReceiveResult } from '../../../subscribers/sign-up/receive-form.js';
import type { SignUpForm } from '../../../subscribers/sign-up/request.js';
import { signUpFormSchema } from '../sign-up/form-schema.js';

/** What a form of another product holds for us. Names and other things that it asks for are not kept. */
export type OtherForm = {
  email: string;
  /** Its hidden field, which only programs fill in. */
  honeypot: string;
  newsletters: readonly Publication[];
};

/** `none`: no newsletter here is meant by it. */
export type OtherResult =
  | { kind: 'none' }
  | { kind: 'invalid'; publication: Publication }
  | { kind: 'answered'; publication: Publication; result: ReceiveResult; form: SignUpForm };

/**
 * Passes a form of another product to our own sign-up, once for each newsletter that it names. The answer is that of the first
 * that was recorded; where none was, the reason is the same for all.
 */
export async function receiveOtherForm(
  receiver: FormReceiver,
  req: Request,
  { email, honeypot, newsletters }: OtherForm,
): Promise<OtherResult> {
  const [first, ...others] = newsletters;
  if (first === undefined) return { kind: 'none' };
  const parsed = signUpFormSchema.safeParse({ email, website: honeypot, source: pageOf(req) });
  if (!parsed.success) {
    receiver.countInvalid(first.id);
    return { kind: 'invalid', publication: first };
  }
  const form = parsed.data;
  const origin = { ip: req.ip, agent: req.get('user-agent') };
  let answer = { publication: first, result: await receiver.receive(first, form, origin) };
  if (answer.result.kind === 'mistake') return { kind: 'answered', ...answer, form };
  for (const publication of others) {
    const result = await receiver.receive(publication, form, origin);
    if (answer.result.kind !== 'recorded') answer = { publication, result };
  }
  return { kind: 'answered', ...answer, form };
}

/** The page that the form stands on, as far as its browser says: it is part of the proof of consent. Without its query. */
function pageOf(req: Request): string | undefined {
  const referrer = req.get('referer');
  if (referrer === undefined || !URL.canParse(referrer)) return undefined;
  const { origin, pathname, protocol } = new URL(referrer);
  return /^https?:$/.test(protocol) ? origin + pathname : undefined;
}
