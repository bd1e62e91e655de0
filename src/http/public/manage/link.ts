import type { Request, Response } from 'express';
import type { Context } from '../../../platform/context.js';
import { isTombstone } from '../../../subscribers/subscription.js';
import { openToken, type OpenedLink } from '../open-token.js';
import { showInvalidLink } from '../shared-pages.js';
import { showLeft } from '../unsubscribe/page.js';

type TokenContext = Pick<Context, 'db' | 'now' | 'actor' | 'links' | 'templates' | 'hashAddress'>;

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
 * request ('manage-own'). Undefined when the answer has been sent: the page of who has left, or that of a link that we did not
 * sign or that was revoked.
 */
export async function openManageLink(
  context: TokenContext,
  req: Request,
  res: Response,
): Promise<ManageLink | undefined> {
  const token = String(req.params['token']);
  const own = await openToken(context, 'manage-own', token);
  const holder = own ?? (await openToken(context, 'manage', token));
  if (holder === undefined || isTombstone(holder.subscription)) {
    await showInvalidLink(context, res);
    return undefined;
  }
  if (hasLeft(holder)) {
    await sendLeft(context, req, res, holder);
    return undefined;
  }
  if (!holder.isCurrent) {
    await showInvalidLink(context, res);
    return undefined;
  }
  return {
    ...holder,
    isOneHourLink: own?.kind === 'valid',
    isOneHourLinkExpired: own?.kind === 'expired',
  };
}

/** Links from before she left say so. One that was mailed to her since then opens her settings. */
function hasLeft(holder: OpenedLink): boolean {
  return holder.subscription.status === 'unsubscribed' && !holder.isCurrent;
}

/** A form that was sent leads to the page of its link. */
async function sendLeft(
  context: TokenContext,
  req: Request,
  res: Response,
  holder: OpenedLink,
): Promise<void> {
  const isRead = req.method === 'GET' || req.method === 'HEAD';
  if (isRead) return showLeft(context, res, holder);
  res.redirect(303, `/manage/${String(req.params['token'])}`);
}
