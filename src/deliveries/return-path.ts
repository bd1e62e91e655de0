import type { Context } from '../platform/context.js';
import type { ReturnPathClaims } from '../platform/crypto/return-path.js';

type ReturnPathContext = Pick<Context, 'links' | 'now'> & { config: Pick<Context['config'], 'bounceDomain'> };

/**
 * MAIL FROM of a mail to a reader: with a BOUNCE_DOMAIN an address of its own, so that whatever comes back says which mail it is
 * about; without one the sender's.
 */
export function returnPathFor(
  { links, now, config: { bounceDomain } }: ReturnPathContext,
  claims: ReturnPathClaims,
  fromAddress: string,
): string {
  return bounceDomain === undefined ? fromAddress : `${links.signReturnPath(claims, now())}@${bounceDomain}`;
}
