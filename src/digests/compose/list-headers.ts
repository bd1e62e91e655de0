import { domainOf, withAsciiDomain } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import type { Digest } from '../digest.js';

/** RFC 2919: constant for the newsletter, in a domain of its owner. */
export function listId(publication: Pick<Publication, 'slug' | 'fromAddress'>): string {
  return `<${publication.slug}.${senderDomain(publication)}>`;
}

/** RFC 2369: where what was sent can be read; the newsletter's own page when that is for nobody. */
export function listArchive(
  publicUrl: string,
  { slug, archive }: Pick<Publication, 'slug' | 'archive'>,
): string {
  return archive === 'off' ? `<${publicUrl}/${slug}>` : `<${publicUrl}/${slug}/archive>`;
}

/** Where everybody can read a digest: nothing of its reader is in it. */
export function archiveUrl(
  publicUrl: string,
  { slug }: Pick<Publication, 'slug'>,
  digestId: Digest['id'],
): string {
  return `${publicUrl}/${slug}/archive/${digestId}`;
}

/** S13: digest, newsletter, kind, and the sender last and constant. */
export function feedbackId(
  { slug }: Pick<Publication, 'slug'>,
  { id, cadence }: Pick<Digest, 'id' | 'cadence'>,
): string {
  return `${id}:${slug}:${cadence}:paperround`;
}

/** In A-labels, lower case: what we name in it must be the same wherever it comes back from. */
export function senderDomain({ fromAddress }: Pick<Publication, 'fromAddress'>): string {
  return domainOf(withAsciiDomain(fromAddress));
}
