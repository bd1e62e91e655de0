import { z } from 'zod';

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

/** An account as it is typed. */
export const newOperatorSchema = z.strictObject({
  email: z.email('is not an e-mail address').max(254),
  name: z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(200, 'is longer than 200 characters')
    // oxlint-disable-next-line no-control-regex
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'has control characters')
    .nullable(),
  role: z.enum(roles, `is one of ${roles.join(', ')}`),
});

export type NewOperator = z.infer<typeof newOperatorSchema>;
