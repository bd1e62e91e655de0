import type { Context } from '../../../platform/context.js';
import { findRequestOfLink } from '../../../subscribers/confirm/confirm.js';
import { requestedLocale, type SignUpRequest } from '../../../subscribers/sign-up/request.js';
import { isSubscribed } from '../../../subscribers/subscription.js';
import { openToken, type OpenedLink } from '../open-token.js';

/** A link of a confirmation mail, the request that the mail answered, and the language of its pages. */
export type ConfirmLink = OpenedLink & { request: SignUpRequest | undefined; locale: string };

/** Opens the link of a confirmation mail. Undefined: the signature is wrong, or the subscription is gone. */
export async function openConfirmLink(
  context: Pick<Context, 'db' | 'now' | 'links' | 'templates'>,
  token: string,
): Promise<ConfirmLink | undefined> {
  const opened = await openToken(context, 'confirm', token);
  if (opened === undefined) return undefined;
  const { subscription, publication, expiresAt } = opened;
  const request = await findRequestOfLink(context.db, subscription, expiresAt);
  const locale = isSubscribed(subscription)
    ? subscription.locale
    : requestedLocale(request, subscription, publication);
  return { ...opened, request, locale };
}
