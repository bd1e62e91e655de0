import { DAY_MS } from '../../platform/durations.js';
import type { Operator, Role } from '../operator.js';

/** What somebody is invited to. It is for one address, and works once. */
export type Invitation = {
  id: string;
  email: string;
  emailKey: string;
  name: string | null;
  /** The account that the command line made; null: it is made when she accepts, or she has one by then. */
  operatorId: string | null;
  /** With `role`: the newsletter; null: the whole server, or an account that has its roles already. */
  publicationId: string | null;
  role: Role | null;
  isAdministrator: boolean;
  /** Null: the command line. */
  invitedBy: string | null;
  createdAt: Date;
  expiresAt: Date;
};

export const INVITATION_LIFETIME_MS = 3 * DAY_MS;

/**
 * The account that an invitation leads to; it need not be there yet. A passkey is made before it, and names it.
 * @param account the one that has the invitation's address
 */
export function accountIdOf(
  { id, operatorId }: Pick<Invitation, 'id' | 'operatorId'>,
  account: Pick<Operator, 'id'> | undefined,
): string {
  return account?.id ?? operatorId ?? id;
}

/** What an invitation makes of her: `none` where the account has its roles already. */
export function invitedRole({
  role,
  isAdministrator,
}: Pick<Invitation, 'role' | 'isAdministrator'>): Role | 'administrator' | 'none' {
  return isAdministrator ? 'administrator' : (role ?? 'none');
}

/** One of a publication's; one to the whole server only `withAdministrators`. */
export type InvitationPlace = { publicationId: string; id: string; withAdministrators: boolean };
