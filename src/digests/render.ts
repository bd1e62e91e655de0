import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { composeTemplate } from '../platform/mail/compose-template.js';
import { openTemplate, type MessageTemplate } from '../platform/mail/message-template.js';
import type { Digest, Variant } from './digest.js';
import { archiveUrl } from './list-headers.js';
import { findVariant } from './reads.js';
import { variantMail } from './variant-mail.js';
import { writeMail } from './write-mail.js';
import { keepRendering, noteSent } from './writes.js';

type Rendered = Pick<Digest, 'id' | 'cadence' | 'subject' | 'note' | 'audience'>;

/**
 * A variant's message, ready to be filled: rendered once, at first send, and kept; every reader and every retry gets the
 * same. Two workers that render at the same time both continue with what the first one stored.
 */
export async function openVariant(
  context: Pick<Context, 'db' | 'now' | 'publicUrl' | 'templates'>,
  publication: Publication,
  digest: Rendered,
  variantId: string,
): Promise<MessageTemplate> {
  const { db, templates } = context;
  const variant = await readVariant(db, variantId);
  const mime = variant.mime ?? (await renderAndKeep(context, { publication, digest }, variantId, variant));
  return openTemplate(mime, templates.resolve(variant.locale));
}

async function renderAndKeep(
  { db, now, publicUrl, templates }: Pick<Context, 'db' | 'now' | 'publicUrl' | 'templates'>,
  of: { publication: Publication; digest: Rendered },
  variantId: string,
  { locale, format, articleIds }: Pick<Variant, 'locale' | 'format' | 'articleIds'>,
): Promise<Buffer> {
  const date = now();
  const { digest } = of;
  const publication = format === null ? of.publication : { ...of.publication, contentMode: format };
  const order = { publication, locale, articleIds, date, own: digest, ...inBrowser(publicUrl, of) };
  const words = await writeMail({ db, templates }, order);
  const mime = composeTemplate(variantMail(publicUrl, of, words, date));
  await db.transaction(async (tx) => {
    await noteSent(tx, digest.id, date);
    await keepRendering(tx, variantId, { ...words, mime }, date);
  });
  const kept = await readVariant(db, variantId);
  if (kept.mime === null) throw new Error(`Variant ${variantId} lost its rendering`);
  return kept.mime;
}

/** Not for everybody: what was sent to some readers only, and where nobody is to read sent digests. */
function inBrowser(
  publicUrl: string,
  { publication, digest }: { publication: Publication; digest: Rendered },
) {
  const isArchived = publication.archive !== 'off' && Object.keys(digest.audience).length === 0;
  return isArchived ? { archiveUrl: archiveUrl(publicUrl, publication, digest.id) } : {};
}

async function readVariant(db: Context['db'], id: string) {
  const variant = await findVariant(db, id);
  if (variant === undefined) throw new Error(`There is no variant ${id}`);
  return variant;
}
