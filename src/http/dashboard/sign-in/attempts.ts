import type { Request } from 'express';
import { toEmailKey } from '../../../operators/accounts.js';
import type { Operator } from '../../../operators/operator.js';
import { findOperatorByEmailKey } from '../../../operators/reads.js';
import type { Context } from '../../../platform/context.js';
import type { Keys } from '../../../platform/crypto/keys.js';
import { hashNetwork, networkOf } from '../../../platform/crypto/network-hash.js';
import { createAttemptLimit, type RateLimitState } from '../../middleware/rate-limit.js';
import { findKnownDevice } from './known-device.js';

type AttemptContext = Pick<Context, 'db' | 'now' | 'hashAddress'> & { keys: Keys };

const WINDOW_SECONDS = 15 * 60;
/** Passwords for one account from one network, or from a browser that she has signed in with. */
const MAX_ATTEMPTS = 10;
/** Of one network, for all accounts: each costs the server some 20 ms. Enough for a house full of people. */
const MAX_FROM_NETWORK = 300;

/** Whether a password may be tried now. `forgive`: it was right, and the count begins anew. */
export type Attempt = RateLimitState & { forgive(): Promise<void> };

/**
 * Counts attempts to sign in, by pair of account and network, also of addresses without an account. A browser that the account
 * has been used in has a count of its own: whoever tries passwords keeps out nobody but themselves.
 */
export function createAttemptCounter(context: AttemptContext) {
  const { db, now, hashAddress } = context;
  const window = { windowSeconds: WINDOW_SECONDS };
  const pairs = createAttemptLimit({ db }, { ...window, keyPrefix: 'sign-in', maxRequests: MAX_ATTEMPTS });
  const networks = createAttemptLimit(
    { db },
    { ...window, keyPrefix: 'sign-in-network', maxRequests: MAX_FROM_NETWORK },
  );

  const take = async (key: string): Promise<Attempt> => ({
    ...(await pairs.take(key)),
    forgive: () => pairs.forget(key),
  });

  return {
    /** @param kind what is tried: a password, or a link by mail */
    async count(req: Request<object>, email: string, kind: 'password' | 'recovery'): Promise<Attempt> {
      const emailKey = toEmailKey(email);
      const device = await findDeviceOf(context, req, emailKey);
      if (device !== undefined) return take(`${kind} device ${device}`);
      const network = hashNetwork(networkOf(req.ip), now());
      const all = await networks.take(network);
      if (all.kind === 'limited') return { ...all, forgive: async () => {} };
      return take(`${kind} ${hashAddress(emailKey).toString('base64url')} ${network}`);
    },

    /**
     * Codes after a password that was right. By account alone: who comes so far knows the password. A browser that the account
     * has been used in has a count of its own here too.
     */
    countCode(req: Request<object>, operatorId: string): Promise<Attempt> {
      const device = findKnownDevice(context, req, operatorId);
      return take(device === undefined ? `code ${operatorId}` : `code device ${device}`);
    },
  };
}

export type AttemptCounter = ReturnType<typeof createAttemptCounter>;

async function findDeviceOf(
  context: AttemptContext,
  req: Request<object>,
  emailKey: string,
): Promise<string | undefined> {
  const operator: Operator | undefined = await findOperatorByEmailKey(context.db, emailKey);
  return operator && findKnownDevice(context, req, operator.id);
}
