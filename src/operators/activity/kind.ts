import { z } from 'zod';

/** What a change is about. Its id leads to a row of the table with that noun. */
const subjectTypes = [
  'publication',
  'feed',
  'article',
  'article-hold',
  'digest',
  'draft',
  'subscription',
  'suppression',
  'import',
  'sign-up-hold',
  'attack',
  'operator',
  'invitation',
  'token',
  'circuit',
  'dkim-key',
  'hook',
  'installation',
] as const;
export type SubjectType = (typeof subjectTypes)[number];

/** What of the subject a row keeps, as codes, numbers and short texts. Null: nothing. */
export type PayloadSchema = z.ZodObject | z.ZodRecord | null;

/** One kind of change: what it is about, and what a row has of it before and after. */
export type Kind<
  Before extends PayloadSchema = PayloadSchema,
  After extends PayloadSchema = PayloadSchema,
> = { subject: SubjectType; description: string; before: Before; after: After };

/** @param description one sentence, for docs/history.md and the description of the API */
export function kind<Before extends PayloadSchema = null, After extends PayloadSchema = null>(
  subject: SubjectType,
  description: string,
  payload: { before?: Before; after?: After } = {},
): Kind<Before, After> {
  const { before = null, after = null } = payload;
  return { subject, description, before: before as Before, after: after as After };
}

/** A moment, in ISO 8601. */
export const moment = z.iso.datetime();
