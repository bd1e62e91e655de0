import type { Digest } from '../../digests/digest.js';
import type { MessageValues } from '../../digests/compose/placeholders.js';
import type { Context } from '../../platform/context.js';
import { withUnicodeDomain } from '../../platform/mail/address.js';
import { fillTemplate, type MessageTemplate, type Sign } from '../../platform/mail/mime/message-template.js';
import type { WireContent } from '../../platform/mail/message.js';
import type { Publication } from '../../publications/publication.js';
import type { Recipient } from '../../subscribers/reads.js';
import { describeWhy } from './why-words.js';
import { describeRhythm, type Rhythm } from '../rhythm-text.js';
import { manageUrl, messageId, unsubscribeValues } from '../mail-urls.js';

type Reader = Pick<
  Recipient,
  'id' | 'number' | 'email' | 'generation' | 'timezone' | 'confirmedAt' | 'brought' | keyof Rhythm
>;

/**
 * One reader's mail: the message of her variant with her own address, links and dates. Every attempt composes the same message.
 * @throws when her address cannot stand in a mail
 */
export function composeDigest(
  { links, publicUrl, templates }: Pick<Context, 'links' | 'publicUrl' | 'templates'>,
  parts: {
    publication: Publication;
    digest: Pick<Digest, 'id' | 'keyId'>;
    template: MessageTemplate;
    reader: Reader;
  },
  sign?: Sign,
): WireContent {
  const { publication, digest, template, reader } = parts;
  const { number, generation } = reader;
  const subscription = { number, publicationNumber: publication.number, generation };
  const values: MessageValues = {
    ...unsubscribeValues({ links, publicUrl }, subscription, digest.keyId),
    manageUrl: manageUrl({ links, publicUrl }, subscription, digest.keyId),
    email: withUnicodeDomain(reader.email),
    ...describeWhy({ templates }, { reader, publication, digest }, template.language),
    rhythm: describeRhythm({ templates }, reader, template.language),
    messageId: messageId(links, publication, { scope: digest.id, subject: reader.id }, digest.keyId),
  };
  return fillTemplate(template, values, sign);
}
