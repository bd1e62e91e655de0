import express, { type Request, type Response, type Router } from 'express';
import { checkLinks } from '../../../../deliveries/preview/check-links.js';
import { findSubscriptionOf } from '../../../../subscribers/reads.js';
import { parseAddress } from '../../../../subscribers/address.js';
import { readForm } from '../../../middleware/read-body.js';
import { setMailHeaders, withLinksInNewTabs } from '../../../middleware/sandboxed-mail.js';
import { publicationDeskOf } from '../../frame/desk.js';
import { sendNotFound } from '../../frame/own-row.js';
import { lookQuery, readLook, withoutPictures, withTheme } from './look.js';
import type { Handled, Previews } from './previews.js';
import { sendTestMail } from './send-test-mail.js';
import { readPreview, showPreview } from './show.js';
import { readSource, type SourceKind, type SourceRequest } from './source-of.js';

type Work = (previews: Previews, handled: Handled) => Promise<void>;

/** The preview of a digest, which its publication has, with its checks, and tests of it. */
export function previewRoutes(previews: Previews): Router {
  return routesBelow(previews, '/:id/preview', 'digest');
}

/** The same of the one that is to come. */
export function comingPreviewRoutes(previews: Previews): Router {
  return routesBelow(previews, '/coming/:coming/preview', 'coming');
}

/** The same of what an editor writes, which its publication has. */
export function draftPreviewRoutes(previews: Previews): Router {
  return routesBelow(previews, '/:id/preview', 'draft');
}

function routesBelow(previews: Previews, base: string, kind: SourceKind): Router {
  const router = express.Router();
  const handle = (work: Work) => (req: SourceRequest, res: Response) =>
    handleSource(previews, work, { kind, req, res });
  router.get(base, handle(showPreview));
  router.get(`${base}/mail`, handle(showMail));
  router.post(`${base}/reader`, handle(chooseReader));
  router.post(`${base}/test`, handle(sendTestMail));
  router.post(`${base}/links`, handle(followLinks));
  return router;
}

async function handleSource(
  previews: Previews,
  work: Work,
  { kind, req, res }: { kind: SourceKind; req: SourceRequest; res: Response },
): Promise<void> {
  const { context } = previews;
  const asked = readSource(kind, req, res);
  if (asked === undefined) return sendNotFound(context, req, res);
  return work(previews, { asked, req, res });
}

async function showMail(previews: Previews, handled: Handled): Promise<void> {
  const { req, res } = handled;
  const look = readLook(req.query);
  const read = await readPreview(previews, handled, look);
  if (read.kind !== 'mail') return sendNotFound(previews.context, req, res);
  const themed = withTheme(withLinksInNewTabs(read.mail.html), look.theme);
  const html = look.pictures === 'on' ? themed : withoutPictures(themed);
  setMailHeaders(res, { pictures: look.pictures === 'on' })
    .type('html')
    .send(html);
}

/** By her whole address: who may not see addresses learns none by trying. */
async function chooseReader(previews: Previews, handled: Handled): Promise<void> {
  const { asked, req, res } = handled;
  await readForm(req as Request, res);
  const { publication } = publicationDeskOf(res);
  const { address } = (req.body ?? {}) as { address?: unknown };
  const typed = typeof address === 'string' ? address.slice(0, 254) : '';
  const parsed = parseAddress(typed);
  const reader =
    parsed.kind === 'address'
      ? await findSubscriptionOf(previews.context.db, publication.id, parsed.address.key)
      : undefined;
  if (reader !== undefined) {
    const query = lookQuery({ ...readLook(req.query), reader: reader.id });
    return res.redirect(303, asked.path + query);
  }
  const mistake =
    parsed.kind === 'address'
      ? 'This newsletter has no reader with that address.'
      : 'Type a whole address, like ada@example.com.';
  return showPreview(previews, { ...handled, res: res.status(422) }, { mistake, typed });
}

async function followLinks(previews: Previews, handled: Handled): Promise<void> {
  const { req, res } = handled;
  await readForm(req as Request, res);
  const read = await readPreview(previews, handled, readLook(req.query));
  if (read.kind !== 'mail') return sendNotFound(previews.context, req, res);
  const links = await checkLinks(previews.context, read.mail.html);
  return showPreview(previews, handled, { links });
}
