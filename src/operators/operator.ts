import { z } from 'zod';
import { lineSchema } from '../platform/text/safe-text.js';

export const roles = ['owner', 'editor', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** A person who runs publications. */
export type Operator = {
  id: string;
  email: string;
  /** The same for every spelling of the address. */
  emailKey: string;
  name: string | null;
  /** Owners and editors change things and get alerts; viewers look. */
  role: Role;
  createdAt: Date;
};

/** Also who gets alerts. */
export function mayChange({ role }: Pick<Operator, 'role'>): boolean {
  return role !== 'viewer';
}

/** Readers' addresses. Whoever entered by a link that the command line made for no operator has the database, too. */
export function maySeeAddresses(operator: Pick<Operator, 'role'> | undefined): boolean {
  return operator === undefined || mayChange(operator);
}

/** An account as it is typed. */
export const newOperatorSchema = z.strictObject({
  email: z.email('is not an e-mail address').max(254),
  name: lineSchema(200).nullable(),
  role: z.enum(roles, `is one of ${roles.join(', ')}`),
});

export type NewOperator = z.infer<typeof newOperatorSchema>;
