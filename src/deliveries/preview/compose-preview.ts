import { composeMail } from '../../digests/compose/compose-mail.js';
import { archiveUrl } from '../../digests/compose/list-headers.js';
import type { MailSize } from '../../digests/compose/mail-size.js';
import { fillHtml, fillText, type MessageValues } from '../../digests/compose/placeholders.js';
import { findVariantMail } from '../../digests/compose/reads.js';
import { buildVariantMail, type VariantMailContext } from '../../digests/compose/variant-mail.js';
import { isForEverybody, type Digest } from '../../digests/digest.js';
import type { Context } from '../../platform/context.js';
import { withUnicodeDomain } from '../../platform/mail/address.js';
import { compactHtml } from '../../platform/mail/mime/compact-html.js';
import type { Mail } from '../../platform/mail/mime/mail.js';
import { composeTemplate } from '../../platform/mail/mime/compose-template.js';
import { fillTemplate, parseTemplate, type Sign } from '../../platform/mail/mime/message-template.js';
import type { WireContent } from '../../platform/mail/message.js';
import type { Publication } from '../../publications/publication.js';
import { defaultCadenceSettings } from '../../subscribers/subscription.js';
import { manageUrl, messageId, unsubscribeValues } from '../mail-urls.js';
import { describeRhythm } from '../rhythm-text.js';
import { describeWhy } from '../send/why-words.js';
import type { PreviewParts } from './parts.js';

type ComposeContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'> & VariantMailContext;

/** A mail as one reader would see it. Its links to settings and unsubscribing are nobody's. */
export type PreviewMail = {
  subject: string;
  html: string;
  text: string;
  /** Headers and both parts, as they are sent, but for signatures. */
  source(sign?: Sign): WireContent;
  language: string;
  /** As it was sent: it is not made anew. */
  isAsSent: boolean;
  /** Unknown of what was sent. */
  size: MailSize | undefined;
  /** As it is sent. */
  htmlBytes: number;
};

/** In whose name a mail is made. `id` makes the Message-ID of a test its own: mail programs show two with the same as one. */
export type PreviewRecipient = { email: string; id?: string };

/** No subscription has it: links that name it lead nowhere. */
const NOBODY = 0;

const NIL_ID = '00000000-0000-0000-0000-000000000000';

/**
 * @param recipient whose address stands in the mail
 * @param mark what a test is marked with
 */
export async function composePreview(
  context: ComposeContext,
  publication: Publication,
  parts: PreviewParts,
  { recipient, mark }: { recipient: PreviewRecipient; mark?: MarkMail },
): Promise<PreviewMail> {
  const { templates, now } = context;
  const locale = parts.locale ?? publication.locale;
  const language = templates.resolveLocale(locale, publication.locale);
  const stored = await findStored(context, parts, mark);
  const composed = stored ?? (await compose(context, publication, parts, locale));
  const content = mark === undefined ? composed : mark(composed);
  const values = previewValues(context, publication, parts, { recipient, language });
  const digest = { id: parts.digest?.id ?? NIL_ID, cadence: parts.cadence };
  const mime = () => composeTemplate(buildVariantMail(context, { publication, digest }, content, now()));
  const html = fillHtml(content.html, values);
  return {
    subject: content.subject,
    html,
    text: fillText(content.text, values),
    source: (sign) => fillTemplate(parseTemplate(stored?.mime ?? mime(), language), values, sign),
    language,
    isAsSent: stored !== undefined,
    size: composed.size,
    htmlBytes: Buffer.byteLength(compactHtml(html)),
  };
}

type Content = Pick<Mail, 'subject' | 'html' | 'text'>;
export type MarkMail = (content: Content) => Content;
type Composed = Content & { mime?: Buffer; size: MailSize | undefined };

/** The mail of a list that was sent; a test is made anew. */
async function findStored(
  { db }: ComposeContext,
  { variantId }: PreviewParts,
  mark: MarkMail | undefined,
): Promise<(Composed & { mime: Buffer }) | undefined> {
  if (variantId === undefined || mark !== undefined) return undefined;
  const found = await findVariantMail(db, variantId);
  if (found === undefined) return undefined;
  return { ...found, size: undefined };
}

async function compose(
  { db, now, publicUrl, templates }: ComposeContext,
  publication: Publication,
  { articleIds, digest, words, format, withoutPictures }: PreviewParts,
  locale: string,
): Promise<Composed> {
  const own = format === null ? publication : { ...publication, contentMode: format };
  const operatorText = digest ?? words;
  const link = archiveLink(publicUrl, publication, digest, operatorText);
  return composeMail(
    { db, templates },
    {
      publication: own,
      locale,
      withoutPictures,
      articleIds,
      date: now(),
      ...(operatorText && { operatorText }),
      ...link,
    },
  );
}

/** Of a digest that is not made yet, the archive. */
function archiveLink(
  publicUrl: string,
  publication: Publication,
  digest: Digest | undefined,
  words: Digest | PreviewParts['words'],
) {
  if (publication.archive === 'off' || (words !== undefined && !isForEverybody(words))) return {};
  const page = `${publicUrl}/${publication.slug}/archive`;
  return { archiveUrl: digest === undefined ? page : archiveUrl(publicUrl, publication, digest.id) };
}

function previewValues(
  context: ComposeContext,
  publication: Publication,
  { reader, digest }: PreviewParts,
  { recipient, language }: { recipient: PreviewRecipient; language: string },
): MessageValues {
  const { links, publicUrl, templates, now } = context;
  const nobody = { number: NOBODY, publicationNumber: publication.number, generation: 0 };
  const rhythm = reader ?? { ...defaultCadenceSettings(publication, null), atMostDaily: false };
  const confirmedAt = reader?.confirmedAt ?? reader?.createdAt ?? now();
  const timezone = reader?.timezone ?? publication.timezone;
  return {
    ...unsubscribeValues({ links, publicUrl }, nobody),
    manageUrl: manageUrl({ links, publicUrl }, nobody),
    email: withUnicodeDomain(recipient.email),
    ...describeWhy(
      { templates },
      { reader: { confirmedAt, timezone, brought: null }, publication, digest: undefined },
      language,
    ),
    rhythm: describeRhythm({ templates }, rhythm, language),
    messageId: messageId(links, publication, {
      scope: digest?.id ?? publication.id,
      subject: recipient.id ?? NIL_ID,
    }),
  };
}
