import type { Request, Response } from 'express';
import { composePreview } from '../../../deliveries/preview/compose-preview.js';
import type { PreviewParts } from '../../../deliveries/preview/parts.js';
import { isRowFault } from '../../../platform/process/row-fault.js';
import { sendError } from '../../errors/error-responses.js';
import { setMailHeaders, withLinksInNewTabs } from '../../middleware/sandboxed-mail.js';
import { TooManyPreviewsError } from '../digests/preview/limit-composing.js';
import { recipientOf } from '../digests/preview/preview-page.js';
import type { Previews } from '../digests/preview/previews.js';
import { publicationDeskOf } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';

/** What the mail of one article alone shows, for a frame. */
export async function showArticleMail(
  { context, limit }: Previews,
  req: Request<{ id: string }>,
  res: Response,
): Promise<void> {
  const desk = publicationDeskOf(res);
  const parts: PreviewParts = { ...ALONE, articleIds: [req.params.id] };
  const recipient = recipientOf(parts, desk);
  try {
    const mail = await limit(() => composePreview(context, desk.publication, parts, { recipient }));
    setMailHeaders(res).type('html').send(withLinksInNewTabs(mail.html));
  } catch (error) {
    if (error instanceof TooManyPreviewsError) {
      res.set('Retry-After', '5');
      return sendError(context, req, res, { status: 503, page: 'unavailable' });
    }
    if (!isRowFault(error)) throw error;
    return sendNotFound(context, req, res);
  }
}

/** As whoever gets each article sees it. */
const ALONE: Omit<PreviewParts, 'articleIds'> = {
  digest: undefined,
  cadence: 'instant',
  reader: undefined,
  isExample: false,
  variantId: undefined,
  locale: undefined,
  format: null,
  withoutPictures: false,
  lists: [],
};
