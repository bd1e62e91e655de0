import { verifyUnsubscribeMailbox } from '../../deliveries/unsubscribe-mailbox.js';
import type { Context } from '../../platform/context.js';
import type { ReturnPathClaims } from '../../platform/crypto/return-path.js';

/** An address that we made: a mail of ours is returned to it, or it unsubscribes. Both are proven by a MAC. */
export type OurAddress =
  | { kind: 'return-path'; address: string; claims: ReturnPathClaims }
  | { kind: 'unsubscribe'; address: string; subscriptionNumber: number };

export type AddressContext = Pick<Context, 'links' | 'now'> & {
  config: Pick<Context['config'], 'bounceDomain'>;
};

/** Undefined: mail to it is not for us. A return path stays ours when it is too old to count. */
export function readOurAddress(context: AddressContext, address: string): OurAddress | undefined {
  const { links, now, config } = context;
  const at = address.lastIndexOf('@');
  if (config.bounceDomain === undefined || at < 0) return undefined;
  if (address.slice(at + 1).toLowerCase() !== config.bounceDomain) return undefined;
  const localPart = address.slice(0, at);
  const subscriptionNumber = verifyUnsubscribeMailbox(context, localPart);
  if (subscriptionNumber !== undefined) return { kind: 'unsubscribe', address, subscriptionNumber };
  const verified = links.verifyReturnPath(localPart, now());
  return verified.kind === 'invalid' ? undefined : { kind: 'return-path', address, claims: verified.claims };
}

export function isOurAddress(context: AddressContext, address: string): boolean {
  return readOurAddress(context, address) !== undefined;
}
