import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import type { Publication } from '../../publications/publication.js';

/** When a page was left open longer, how long it took to fill in says nothing. */
const FORM_TIME_VALID_MS = DAY_MS;

/** When one of our pages was made, for its form's hidden field `form`. It is signed: nobody else can make or age one. */
export function sealFormTime(
  { links, now }: Pick<Context, 'links' | 'now'>,
  { id }: Pick<Publication, 'id'>,
): string {
  const at = now();
  const expiresAt = new Date(at.getTime() + FORM_TIME_VALID_MS);
  // A token's expiry is in whole seconds: the milliseconds go in its number.
  const milliseconds = at.getMilliseconds();
  return links.sign('form-time', { scope: id, subject: id, number: milliseconds, expiresAt });
}

/**
 * Milliseconds since the page with this form was made.
 * @returns undefined when the field is not there, not ours, of another publication, or older than a day
 */
export function readFormTime(
  { links, now }: Pick<Context, 'links' | 'now'>,
  { id }: Pick<Publication, 'id'>,
  text: string | undefined,
): number | undefined {
  const opened = links.verify('form-time', text ?? '', now());
  if (opened.kind !== 'valid' || opened.scope !== id || opened.expiresAt === undefined) return undefined;
  const { number: milliseconds } = opened;
  return now().getTime() - (opened.expiresAt.getTime() - FORM_TIME_VALID_MS + milliseconds);
}
