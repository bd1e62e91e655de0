import type { Response } from 'express';
import { passkeySiteOf } from '../../../operators/credentials/passkey-site.js';
import { summariseCredentials } from '../../../operators/credentials/reads.js';
import { deskOf } from '../frame/desk.js';
import type { SignInContext } from './sign-in-context.js';

/**
 * The page on which an operator shows once more that it is she, before something sensitive.
 * @param action where its form goes, below the base path; `fields`: what goes along
 */
export async function sendConfirmPage(
  { db, publicUrl, templates }: Pick<SignInContext, 'db' | 'publicUrl' | 'templates'>,
  res: Response,
  { action, fields, mistake }: { action: string; fields: [string, string][]; mistake: string | null },
): Promise<void> {
  const { operator } = deskOf(res);
  const credentials = operator && (await summariseCredentials(db, operator.id));
  const hasPassword = credentials !== undefined && credentials.passwordChangedAt !== null;
  const hasPasskeys =
    credentials !== undefined && credentials.passkeys > 0 && passkeySiteOf(publicUrl) !== undefined;
  const data = {
    action,
    fields: fields.map(([name, value]) => ({ name, value })),
    mistake,
    email: operator?.email ?? null,
    hasPassword,
    hasPasskeys,
    needsCode: hasPassword && credentials.hasTotp,
    needsLink: !hasPassword && !hasPasskeys,
  };
  res.type('html').send(templates.page('confirm-it-is-you', 'en', data));
}
