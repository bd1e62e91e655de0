import { z } from 'zod';
import { truncateText } from '../../platform/text/truncate.js';
import type { PayloadSchema } from './kind.js';

/** Longer texts are cut. */
const MAX_TEXT_LENGTH = 300;

/** Also within a path; a name like `/@harbour` is no address. */
const ADDRESS = /[^\s<>"'(),;:/]+@[^\s<>"'(),;:/]+/g;

/**
 * What is kept of a subject: only what its kind names, no mail address, and no long text. So nothing has to be deleted here
 * when a reader is erased.
 */
export function toStoredPayload(schema: PayloadSchema, payload: object | null): object | null {
  if (schema === null || payload === null) return null;
  const entries = Object.entries(payload).filter(
    ([name, value]) => value !== undefined && (schema instanceof z.ZodRecord || name in schema.shape),
  );
  return JSON.parse(JSON.stringify(Object.fromEntries(entries), shorten)) as object;
}

function shorten(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? truncateText(value.replaceAll(ADDRESS, '…'), MAX_TEXT_LENGTH) : value;
}
