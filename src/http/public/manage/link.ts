import type { Context } from '../../../platform/context.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { openToken, type OpenedLink } from '../open-token.js';

type TokenContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/** Whose settings a link opens, and whether it was mailed to her within the hour. */
export type ManageLink = OpenedLink & {
  /** The one-hour link, in time: download, erasure and change of address are hers alone (a digest is forwarded). */
  isOneHourLink: boolean;
  /** The one-hour link, too late: a settings link like any other. */
  isOneHourLinkExpired: boolean;
};

/**
 * Opens a settings link of a digest or notice (purpose 'manage', never expires) or the one-hour link that was mailed on
 * request ('manage-own'). Undefined: not ours, revoked by a newer generation, or nobody's any more.
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
