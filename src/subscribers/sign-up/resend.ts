import type { Context } from '../../platform/context.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import type { Subscription } from '../subscription.js';
import { findLatestRequest } from './reads.js';
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
  return recordTrustedRequest(context, request);
}

/**
 * Has a new confirmation mail sent to a subscription whose link has expired, with the choices of its latest request.
 * @returns the new request's id
 */
export async function resendConfirmation(
  context: ResendContext,
  { id, publicationId, email, locale }: Pick<Subscription, 'id' | 'publicationId' | 'email' | 'locale'>,
): Promise<{ id: string }> {
  const latest = await findLatestRequest(context.db, id);
  const { timezone = null, cadence = null, topics = [], source = null } = latest ?? {};
  const request = { publicationId, email, locale, timezone, cadence, topics, source };
  return await recordTrustedRequest(context, request);
}
