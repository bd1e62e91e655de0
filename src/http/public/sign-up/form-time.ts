import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';

/** A page left open longer says nothing any more. */
const FORM_TIME_VALID_MS = 24 * 3600 * 1000;

type PublicationRef = Pick<Publication, 'id'>;

/** When a page of ours was made, for its form's hidden field `form`: nobody else can make one, and none can be aged. */
export function sealFormTime({ links, now }: Pick<Context, 'links' | 'now'>, { id }: PublicationRef): string {
  const at = now();
  const expiresAt = new Date(at.getTime() + FORM_TIME_VALID_MS);
  // A token's moments are whole seconds; the rest of this one goes where links keep their generation.
  return links.sign('form-time', { scope: id, subject: id, generation: at.getMilliseconds(), expiresAt });
}

/**
 * Milliseconds since the page with this form was made.
 * @returns undefined when the field is not there, not ours, of another publication, or older than a day
 */
export function readFormTime(
  { links, now }: Pick<Context, 'links' | 'now'>,
  { id }: PublicationRef,
  text: string | undefined,
): number | undefined {
  const opened = links.verify('form-time', text ?? '', now());
  if (opened.kind !== 'valid' || opened.scope !== id || opened.expiresAt === undefined) return undefined;
  return now().getTime() - (opened.expiresAt.getTime() - FORM_TIME_VALID_MS + opened.generation);
}
