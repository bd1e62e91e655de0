import { z } from 'zod';
import { lineSchema } from '../platform/text/safe-text.js';

export const roles = ['owner', 'editor', 'viewer'] as const;

/** What somebody is at one publication. */
export type Role = (typeof roles)[number];

/** A person who runs publications. */
export type Operator = {
  id: string;
  email: string;
  /** The same for every spelling of the address. */
  emailKey: string;
  name: string | null;
  /** May do everything on this server; others have a role at each publication that they run. */
  isAdministrator: boolean;
  /** When she followed a link that had been mailed to her address. */
  emailConfirmedAt: Date | null;
  createdAt: Date;
};

/** What an account is given: the whole server, or a role at some publications. */
export type Grant = 'administrator' | { role: Role; publicationIds: readonly string[] };

/** Also who gets alerts. */
export function mayChange(role: Role): boolean {
  return role !== 'viewer';
}

/** Readers' addresses. */
export function maySeeAddresses(role: Role): boolean {
  return mayChange(role);
}

export const operatorNameSchema = lineSchema(200);
export const operatorEmailSchema = z.email('is not an e-mail address').max(254);

/** An account as it is typed. */
export const newOperatorSchema = z.strictObject({
  email: operatorEmailSchema,
  name: operatorNameSchema.nullable(),
});

export type NewOperator = z.infer<typeof newOperatorSchema>;
