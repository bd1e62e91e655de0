import type { Context } from '../../platform/context.js';
import type { Mail } from '../../platform/mail/mime/mail.js';
import { digestFrom } from '../../publications/from-header.js';
import type { Publication } from '../../publications/publication.js';
import type { Digest } from '../digest.js';
import { feedbackId, listArchive, listId } from './list-headers.js';
import { placeholder, removePlaceholders } from './placeholders.js';

export type VariantMailContext = Pick<Context, 'publicUrl'> & {
  config: Pick<Context['config'], 'bounceDomain'>;
};

/**
 * The mail that all readers of a variant share, with placeholders for what differs. One-click unsubscribing needs both
 * List-Unsubscribe headers (RFC 8058, section 3.1).
 */
export function buildVariantMail(
  { publicUrl, config: { bounceDomain } }: VariantMailContext,
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
      { name: 'List-Unsubscribe', value: listUnsubscribe(bounceDomain) },
      { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      { name: 'List-Archive', value: listArchive(publicUrl, publication) },
      { name: 'Feedback-ID', value: feedbackId(publication, digest) },
    ],
  };
}

/** In a header beside a placeholder, text is short; a longer domain goes without. */
const MAX_DOMAIN_LENGTH = 75;

/** The https address for the mail program's own button; then, where mail is taken, a mailto for those that know no other. */
function listUnsubscribe(bounceDomain: string | undefined): string {
  const url = `<${placeholder('unsubscribeUrl')}>`;
  if (bounceDomain === undefined || bounceDomain.length > MAX_DOMAIN_LENGTH) return url;
  return `${url}, <mailto:${placeholder('unsubscribeMailbox')}@${bounceDomain}?subject=unsubscribe>`;
}
