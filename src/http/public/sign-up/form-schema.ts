import { z } from 'zod';

/** One line without control characters and lone surrogates, which Postgres or a mail header would not take. */
const textLine = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u);
/** What pages add by themselves: left out when it is not valid, since the reader could not correct it. */
const optionalLine = (maxLength: number) => textLine(maxLength).optional().catch(undefined);

/** What our form, the embedded one and programs send, as a `SignUpForm`. Unknown fields are ignored: publishers add their own. */
export const signUpFormSchema = z.object({
  email: z.string().default(''),
  cadence: textLine(20).optional(),
  timezone: textLine(60).optional(),
  topics: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(textLine(60)).max(30))
    .default([]),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .optional()
    .catch(undefined),
  source: optionalLine(2000),
  /** The honeypot: people do not see this field. */
  website: z.string().default(''),
  /** `yes`: she was asked whether she mistyped the domain, and did not. */
  keep: optionalLine(20),
  /** When the page with the form was made, as a signed token (form-time.ts). */
  form: optionalLine(200),
  /** `ask`: send a challenge if one is needed. Else the solved challenge. */
  proof: optionalLine(4000),
});

export type FieldError = { field: 'email' | 'website'; message: string; suggestion?: string };
