import type { Mail } from '../../platform/mail/mime/mail.js';
import type { Publication } from '../../publications/publication.js';
import type { Digest } from '../digest.js';
import { feedbackId, listArchive, listId } from './list-headers.js';
import { placeholder, removePlaceholders } from './placeholders.js';

/** Everything the readers of a variant get, headers of every digest included (contract, Mail), with slots for the rest. */
export function buildVariantMail(
  publicUrl: string,
  { publication, digest }: { publication: Publication; digest: Pick<Digest, 'id' | 'cadence'> },
  words: { subject: string; html: string; text: string },
  date: Date,
): Mail {
  const { fromName, fromAddress, replyTo } = removePlaceholders(publication);
  return {
    from: { name: fromName, address: fromAddress },
    to: { address: placeholder('email') },
    ...(replyTo === null ? {} : { replyTo: { address: replyTo } }),
    ...words,
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
