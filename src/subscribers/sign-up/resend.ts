import type { Context } from '../../platform/context.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import type { Subscription } from '../subscription.js';
import { recordTrustedRequest } from './record-requests.js';
import type { SignUpRequest } from './request.js';

/** How often one visitor may have the mail of a request sent again. */
export const MAX_RESENDS = 2;

/**
 * Whether a visitor may have the mail of a request sent again: after a minute, and once more after a day. It counts only the
 * visitor's own presses, so that the result says nothing of what others did with the address; the job applies the mail cap.
 * @param resends how often it was sent again before
 * @param requestedAt when it was last asked for
 */
export function mayResend(resends: number, requestedAt: Date, now: Date): boolean {
  const age = now.getTime() - requestedAt.getTime();
  return resends < MAX_RESENDS && age >= (resends === 0 ? MINUTE_MS : DAY_MS);
}

type ResendContext = Pick<Context, 'db' | 'now'>;

/**
 * Has the mail of a request sent again, as a request of its own.
 * @returns the new request's id
 */
export function resendRequest(context: ResendContext, request: SignUpRequest): Promise<{ id: string }> {
  return recordTrustedRequest(context, request, request.resendOf ?? request.id);
}

/**
 * Has a new confirmation mail sent to a subscription whose link has expired.
 * @param request the one whose mail had that link; undefined: it was deleted, and its choices with it
 * @returns the new request's id
 */
export function resendConfirmation(
  context: ResendContext,
  { publicationId, email, locale }: Pick<Subscription, 'publicationId' | 'email' | 'locale'>,
  request: SignUpRequest | undefined,
): Promise<{ id: string }> {
  if (request !== undefined) return resendRequest(context, request);
  const choices = { timezone: null, cadence: null, topics: [], source: null };
  return recordTrustedRequest(context, { publicationId, email, locale, ...choices });
}
