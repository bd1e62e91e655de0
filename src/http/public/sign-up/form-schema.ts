import { z } from 'zod';
import { looseLineSchema } from '../../../platform/text/safe-text.js';
import { canonicalTimeZone, MAX_TIME_ZONE_LENGTH } from '../../../platform/text/time-zone.js';
import { languageSchema } from '../../../publications/place-schemas.js';

/** A field that the page fills in: ignored when it is not valid, since the reader could not correct it. */
const optionalLine = (maxLength: number) => looseLineSchema(maxLength).optional().catch(undefined);

/**
 * The fields of a sign-up form, as our forms and programs send them. Unknown fields are ignored: publishers add their
 * own.
 */
export const signUpFormSchema = z.object({
  email: z.string().default(''),
  cadence: looseLineSchema(20).optional(),
  /** From her browser; one that is none counts as none given, and the confirm page asks. */
  timezone: looseLineSchema(MAX_TIME_ZONE_LENGTH).transform(canonicalTimeZone).optional(),
  topics: z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(looseLineSchema(60)).max(30),
    )
    .default([]),
  locale: languageSchema.optional().catch(undefined),
  source: optionalLine(2000),
  /** The honeypot: people do not see this field. */
  website: z.string().default(''),
  /** `yes`: she was asked whether she mistyped the domain, and answered that she did not. */
  keep: optionalLine(20),
  /** When the page with the form was made, as a signed token. */
  form: optionalLine(200),
  /** `ask`: the script can solve a challenge if one is needed. Any other value is a solved challenge. */
  proof: optionalLine(4000),
});

export type FieldError = { field: 'email' | 'website'; message: string; suggestion?: string };
