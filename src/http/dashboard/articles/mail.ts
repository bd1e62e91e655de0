import type { Request, Response } from 'express';
import type { PreviewParts } from '../../../deliveries/preview/parts.js';
import { setMailHeaders, withLinksInNewTabs } from '../../middleware/sandboxed-mail.js';
import { composeInTurn } from '../digests/preview/compose-in-turn.js';
import type { Previews } from '../digests/preview/previews.js';
import { publicationDeskOf } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';

/** What the mail of one article alone shows, for a frame. */
export async function showArticleMail(
  previews: Previews,
  req: Request<{ id: string }>,
  res: Response,
): Promise<void> {
  const desk = publicationDeskOf(res);
  const parts: PreviewParts = { ...ALONE, articleIds: [req.params.id] };
  const mail = await composeInTurn(previews, desk, parts);
  if (mail === undefined) return sendNotFound(previews.context, req, res);
  setMailHeaders(res).type('html').send(withLinksInNewTabs(mail.html));
}

/** As whoever gets each article sees it. */
const ALONE: Omit<PreviewParts, 'articleIds'> = {
  digest: undefined,
  words: undefined,
  cadence: 'instant',
  reader: undefined,
  isExample: false,
  variantId: undefined,
  locale: undefined,
  format: null,
  withoutPictures: false,
  lists: [],
};
