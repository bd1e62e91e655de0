import type { Context } from '../../../platform/context.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { openToken, type OpenedLink } from '../open-token.js';

type TokenContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/** An opened link to a reader's settings. */
export type ManageLink = OpenedLink & {
  /**
   * It is the one-hour link, and has not expired. Download, erasure and change of address need it, since digests are
   * forwarded with their links.
   */
  isOneHourLink: boolean;
  /** It is the one-hour link, and has expired: it opens what the links of digests open. */
  isOneHourLinkExpired: boolean;
};

/**
 * Opens a settings link of a digest or notice (purpose 'manage', never expires) or the one-hour link that was mailed on
 * request ('manage-own'). Undefined for a link that we did not sign or that was revoked, and for an erased subscription.
 */
export async function openManageLink(context: TokenContext, token: string): Promise<ManageLink | undefined> {
  const own = await openToken(context, 'manage-own', token);
  const holder = own ?? (await openToken(context, 'manage', token));
  if (holder === undefined || holder.generation !== holder.subscription.generation) return undefined;
  if (isTombstone(holder.subscription)) return undefined;
  return {
    ...holder,
    isOneHourLink: own?.kind === 'valid',
    isOneHourLinkExpired: own?.kind === 'expired',
  };
}
