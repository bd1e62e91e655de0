import type { Mail } from '../../platform/mail/mime/mail.js';
import { digestFrom } from '../../publications/from-header.js';
import type { Publication } from '../../publications/publication.js';
import type { Digest } from '../digest.js';
import { feedbackId, listArchive, listId } from './list-headers.js';
import { placeholder, removePlaceholders } from './placeholders.js';

/**
 * The mail that all readers of a variant share, with placeholders for what differs. One-click unsubscribing needs both
 * List-Unsubscribe headers (RFC 8058, section 3.1).
 */
export function buildVariantMail(
  publicUrl: string,
  { publication, digest }: { publication: Publication; digest: Pick<Digest, 'id' | 'cadence'> },
  content: { subject: string; html: string; text: string },
  date: Date,
): Mail {
  const sender = removePlaceholders(publication);
  const { replyTo } = sender;
  return {
    from: digestFrom(sender),
    to: { address: placeholder('email') },
    ...(replyTo === null ? {} : { replyTo: { address: replyTo } }),
    ...content,
    messageId: placeholder('messageId'),
    date,
    headers: [
      { name: 'List-Id', value: listId(publication) },
      { name: 'List-Unsubscribe', value: `<${placeholder('unsubscribeUrl')}>` },
      { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      { name: 'List-Archive', value: listArchive(publicUrl, publication) },
      { name: 'Feedback-ID', value: feedbackId(publication, digest) },
    ],
  };
}
