import { domainOf, withAsciiDomain } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import type { Digest } from '../digest.js';

/** List-Id (RFC 2919): constant for the newsletter, below a domain of its owner. */
export function listId(publication: Pick<Publication, 'slug' | 'fromAddress'>): string {
  return `<${publication.slug}.${senderDomain(publication)}>`;
}

/** List-Archive (RFC 2369, section 3.6): where sent digests can be read; without an archive the newsletter's own page. */
export function listArchive(
  publicUrl: string,
  { slug, archive }: Pick<Publication, 'slug' | 'archive'>,
): string {
  return archive === 'off' ? `<${publicUrl}/${slug}>` : `<${publicUrl}/${slug}/archive>`;
}

/** A digest's page in the archive, which shows everybody the same. */
export function archiveUrl(
  publicUrl: string,
  { slug }: Pick<Publication, 'slug'>,
  digestId: Digest['id'],
): string {
  return `${publicUrl}/${slug}/archive/${digestId}`;
}

/**
 * Feedback-ID for Gmail's feedback loop: at most four fields separated by colons, the last of which names the sender and
 * is the same in all its mail (https://support.google.com/a/answer/6254652).
 */
export function feedbackId(
  { slug }: Pick<Publication, 'slug'>,
  { id, cadence }: Pick<Digest, 'id' | 'cadence'>,
): string {
  return `${id}:${slug}:${cadence}:paperround`;
}

/** In A-labels and lower case, so that headers and message ids compare equal wherever they come back from. */
export function senderDomain({ fromAddress }: Pick<Publication, 'fromAddress'>): string {
  return domainOf(withAsciiDomain(fromAddress));
}
