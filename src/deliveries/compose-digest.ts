import { fillHtml, fillText, type SlotValues } from '../digests/slots.js';
import type { Digest, RenderedVariant } from '../digests/digest.js';
import type { Context } from '../platform/context.js';
import { dayInWords } from '../platform/locales.js';
import { composeMessage } from '../platform/mail/compose.js';
import type { Publication } from '../publications/publication.js';
import type { Subscription } from '../subscribers/subscription.js';
import { feedbackId, listId, messageId, unsubscribeUrl } from './mail-names.js';

/** One reader's mail: the variant's words with her own links, and the headers every digest carries (contract, Mail). */
export function composeDigest(
  { links, publicUrl, templates }: Pick<Context, 'links' | 'publicUrl' | 'templates'>,
  parts: { publication: Publication; digest: Digest; variant: RenderedVariant; reader: Subscription },
): Promise<Buffer> {
  const { publication, digest, variant, reader } = parts;
  const unsubscribe = unsubscribeUrl({ links, publicUrl }, reader, digest.keyId);
  const language = templates.resolve(variant.locale);
  const values: SlotValues = {
    unsubscribeUrl: unsubscribe,
    email: reader.email,
    confirmedOn: dayInWords(reader.confirmedAt ?? reader.createdAt, reader.timezone, language),
  };
  return composeMessage({
    from: { name: publication.fromName, address: publication.fromAddress },
    to: { address: reader.email },
    ...(publication.replyTo === null ? {} : { replyTo: { address: publication.replyTo } }),
    subject: variant.subject,
    text: fillText(variant.text, values),
    html: fillHtml(variant.html, values),
    messageId: messageId(links, publication, { scope: digest.id, subject: reader.id }, digest.keyId),
    date: variant.renderedAt,
    headers: [
      { name: 'List-Id', value: listId(publication) },
      { name: 'List-Unsubscribe', value: `<${unsubscribe}>` },
      { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      { name: 'Feedback-ID', value: feedbackId(publication, digest) },
    ],
  });
}
