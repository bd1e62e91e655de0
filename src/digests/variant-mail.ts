import type { Mail } from '../platform/mail/mail.js';
import type { Publication } from '../publications/publication.js';
import type { Digest } from './digest.js';
import { feedbackId, listArchive, listId } from './list-headers.js';
import { slot, withoutSlots } from './slots.js';

/** Everything the readers of a variant get, headers of every digest included (contract, Mail), with slots for the rest. */
export function variantMail(
  publicUrl: string,
  { publication, digest }: { publication: Publication; digest: Pick<Digest, 'id' | 'cadence'> },
  words: { subject: string; html: string; text: string },
  date: Date,
): Mail {
  const { fromName, fromAddress, replyTo } = withoutSlots(publication);
  return {
    from: { name: fromName, address: fromAddress },
    to: { address: slot('email') },
    ...(replyTo === null ? {} : { replyTo: { address: replyTo } }),
    ...words,
    messageId: slot('messageId'),
    date,
    headers: [
      { name: 'List-Id', value: listId(publication) },
      { name: 'List-Unsubscribe', value: `<${slot('unsubscribeUrl')}>` },
      { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      { name: 'List-Archive', value: listArchive(publicUrl, publication) },
      { name: 'Feedback-ID', value: feedbackId(publication, digest) },
    ],
  };
}
