import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { composeTemplate } from '../../platform/mail/mime/compose-template.js';
import { parseTemplate, type MessageTemplate } from '../../platform/mail/mime/message-template.js';
import type { Digest, Variant } from '../digest.js';
import { archiveUrl } from './list-headers.js';
import { findVariant } from './reads.js';
import { buildVariantMail } from './variant-mail.js';
import { composeMail } from './compose-mail.js';
import { recordFirstSent, storeRendering } from './writes.js';

type RenderedDigest = Pick<Digest, 'id' | 'cadence' | 'subject' | 'note' | 'audience'>;

/**
 * A variant's message, ready to be filled: rendered once, at first send, and kept; every reader and every retry gets the
 * same. Two workers that render at the same time both continue with what the first one stored.
 */
export async function loadVariantTemplate(
  context: Pick<Context, 'db' | 'now' | 'publicUrl' | 'templates'>,
  publication: Publication,
  digest: RenderedDigest,
  variantId: string,
): Promise<MessageTemplate> {
  const { db, templates } = context;
  const variant = await requireVariant(db, variantId);
  const mime = variant.mime ?? (await renderAndStore(context, { publication, digest }, variantId, variant));
  return parseTemplate(mime, templates.resolveLocale(variant.locale));
}

async function renderAndStore(
  { db, now, publicUrl, templates }: Pick<Context, 'db' | 'now' | 'publicUrl' | 'templates'>,
  of: { publication: Publication; digest: RenderedDigest },
  variantId: string,
  { locale, format, articleIds }: Pick<Variant, 'locale' | 'format' | 'articleIds'>,
): Promise<Buffer> {
  const date = now();
  const { digest } = of;
  const publication = format === null ? of.publication : { ...of.publication, contentMode: format };
  const order = { publication, locale, articleIds, date, own: digest, ...archiveLink(publicUrl, of) };
  const words = await composeMail({ db, templates }, order);
  const mime = composeTemplate(buildVariantMail(publicUrl, of, words, date));
  await db.transaction(async (tx) => {
    await recordFirstSent(tx, digest.id, date);
    await storeRendering(tx, variantId, { ...words, mime }, date);
  });
  const kept = await requireVariant(db, variantId);
  if (kept.mime === null) throw new Error(`Variant ${variantId} lost its rendering`);
  return kept.mime;
}

/** Not for everybody: what was sent to some readers only, and where nobody is to read sent digests. */
function archiveLink(
  publicUrl: string,
  { publication, digest }: { publication: Publication; digest: RenderedDigest },
) {
  const isArchived = publication.archive !== 'off' && Object.keys(digest.audience).length === 0;
  return isArchived ? { archiveUrl: archiveUrl(publicUrl, publication, digest.id) } : {};
}

async function requireVariant(db: Context['db'], id: string) {
  const variant = await findVariant(db, id);
  if (variant === undefined) throw new Error(`There is no variant ${id}`);
  return variant;
}
