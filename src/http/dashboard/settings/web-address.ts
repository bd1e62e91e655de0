import { z } from 'zod';

/** A web address as people type it, with or without its scheme; empty where there is none. */
const webAddressSchema = z
  .string()
  .trim()
  .max(2000)
  .transform((text) => (text === '' || /^[a-z][a-z\d+.-]*:/i.test(text) ? text : `https://${text}`))
  .catch('');

export function readWebAddress(typed: unknown): string {
  return webAddressSchema.parse(typed);
}
