import type { Context } from '../../platform/context.js';
import { recordFailedRow } from '../../platform/jobs/isolated-run.js';
import type { Publication } from '../../publications/publication.js';
import { composeTemplate } from '../../platform/mail/mime/compose-template.js';
import { parseTemplate, type MessageTemplate } from '../../platform/mail/mime/message-template.js';
import { isForEverybody, type Digest, type DigestWords, type Variant } from '../digest.js';
import { archiveUrl } from './list-headers.js';
import { findVariant } from './reads.js';
import { buildVariantMail, type VariantMailContext } from './variant-mail.js';
import { composeMail } from './compose-mail.js';
import { recordFirstSent, storeRendering } from './writes.js';

type RenderContext = Pick<Context, 'db' | 'log' | 'now' | 'templates'> & VariantMailContext;

type RenderedDigest = Pick<Digest, 'id' | 'cadence' | 'audience' | keyof DigestWords | 'articleChoices'>;

/**
 * A variant's message, ready to be filled. It is rendered once, at its first send, and stored: every reader and every
 * retry gets the same. Two workers that render at once both continue with what the first one stored.
 */
export async function loadVariantTemplate(
  context: RenderContext,
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
  context: RenderContext,
  owner: { publication: Publication; digest: RenderedDigest },
  variantId: string,
  {
    locale,
    format,
    withoutPictures,
    articleIds,
  }: Pick<Variant, 'locale' | 'format' | 'withoutPictures' | 'articleIds'>,
): Promise<Buffer> {
  const { db, now, publicUrl, templates } = context;
  const date = now();
  const { digest } = owner;
  const publication = format === null ? owner.publication : { ...owner.publication, contentMode: format };
  const link = archiveLink(publicUrl, owner);
  const input = { publication, locale, withoutPictures, articleIds, date, operatorText: digest, ...link };
  const { failures, ...content } = await composeMail({ db, templates }, input);
  const mime = composeTemplate(buildVariantMail(context, owner, content, date));
  await db.transaction(async (tx) => {
    await recordFirstSent(tx, digest.id, date);
    await storeRendering(tx, variantId, { ...content, mime }, date);
  });
  for (const { row, error } of failures) {
    const article = {
      kind: 'article' as const,
      rowId: row.id,
      publicationId: publication.id,
      retries: false,
    };
    await recordFailedRow(context, 'compose', article, error);
  }
  const stored = await requireVariant(db, variantId);
  if (stored.mime === null) throw new Error(`Variant ${variantId} lost its rendering`);
  return stored.mime;
}

/** None for a digest that went to chosen readers only, and none where the publication has no archive. */
function archiveLink(
  publicUrl: string,
  { publication, digest }: { publication: Publication; digest: RenderedDigest },
) {
  const isArchived = publication.archive !== 'off' && isForEverybody(digest);
  return isArchived ? { archiveUrl: archiveUrl(publicUrl, publication, digest.id) } : {};
}

async function requireVariant(db: Context['db'], id: string) {
  const variant = await findVariant(db, id);
  if (variant === undefined) throw new Error(`There is no variant ${id}`);
  return variant;
}
