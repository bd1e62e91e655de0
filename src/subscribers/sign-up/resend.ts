import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import type { Subscription } from '../subscription.js';
import { insertTrustedRequest, recordTrustedRequest } from './record-requests.js';
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

/** A subscription that waits to be confirmed. */
type Unconfirmed = Pick<Subscription, 'publicationId' | 'email' | 'locale'>;

/**
 * Has a new confirmation mail sent to a subscription whose link has expired.
 * @param request the one whose mail had that link; undefined: it was deleted, and its choices with it
 * @returns the new request's id
 */
export function resendConfirmation(
  { db, now }: ResendContext,
  subscription: Unconfirmed,
  request: SignUpRequest | undefined,
): Promise<{ id: string }> {
  return db.transaction((tx) => requestConfirmation(tx, subscription, request, now()));
}

/** As `resendConfirmation`, in the caller's transaction. */
export function requestConfirmation(
  tx: Tx,
  { publicationId, email, locale }: Unconfirmed,
  request: SignUpRequest | undefined,
  now: Date,
): Promise<{ id: string }> {
  if (request !== undefined) return insertTrustedRequest(tx, request, request.resendOf ?? request.id, now);
  const choices = { timezone: null, cadence: null, topics: [], source: null };
  return insertTrustedRequest(tx, { publicationId, email, locale, ...choices }, null, now);
}
