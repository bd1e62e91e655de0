import { shortenUuid } from '../../platform/uuid.js';
import { domainOf, withAsciiDomain } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import type { Digest } from '../digest.js';

/** List-Id (RFC 2919 section 4): constant for the newsletter, below a domain of its owner. Readers' filters go by it. */
export function listId(publication: Pick<Publication, 'firstSlug' | 'fromAddress'>): string {
  return `<${publication.firstSlug}.${senderDomain(publication)}>`;
}

/** List-Archive (RFC 2369, section 3.6): where sent digests can be read; without an archive the newsletter's own page. */
export function listArchive(
  publicUrl: string,
  { slug, archive }: Pick<Publication, 'slug' | 'archive'>,
): string {
  return archive === 'off' ? `<${publicUrl}/${slug}>` : `<${publicUrl}/${slug}/archive>`;
}

/** With it and a host of 20 characters a link fits into a line of quoted-printable (RFC 2045 section 6.7). */
const MAX_PATH_LENGTH = 47;

/** A digest's page in the archive, which shows everybody the same; without the slug where that is too long for a line. */
export function archiveUrl(
  publicUrl: string,
  { slug }: Pick<Publication, 'slug'>,
  digestId: Digest['id'],
): string {
  const path = `/archive/${shortenUuid(digestId)}`;
  const whole = `/${slug}${path}`;
  return publicUrl + (whole.length <= MAX_PATH_LENGTH ? whole : path);
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
