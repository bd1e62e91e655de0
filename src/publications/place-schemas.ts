import { z } from 'zod';
import { canonicalLanguageTag } from '../platform/text/language-tag.js';
import { canonicalTimeZone, MAX_TIME_ZONE_LENGTH } from '../platform/text/time-zone.js';

/** A time zone from a form, a program or a terminal; becomes its name of today. */
export const timeZoneSchema = z
  .string()
  .max(MAX_TIME_ZONE_LENGTH, `is longer than ${MAX_TIME_ZONE_LENGTH} characters`)
  .refine(
    (name) => canonicalTimeZone(name) !== undefined,
    'is not a time zone; use an IANA name like Africa/Nairobi or Europe/Berlin',
  )
  .meta({ format: 'iana-time-zone' })
  .transform((name) => canonicalTimeZone(name) ?? name);

/** A language from there: `pt-BR`, or `pt_BR` as WordPress writes it; becomes a canonical tag, as far as it is one. */
export const languageSchema = z
  .string()
  .max(100, 'is longer than 100 characters')
  .regex(/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$/, 'is a language tag like en or sw')
  .transform((tag) => canonicalLanguageTag(tag) ?? tag);
