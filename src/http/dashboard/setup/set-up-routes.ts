import express, { type Request, type Response, type Router } from 'express';
import { lookForForm } from '../../../dashboard/look-for-form.js';
import type { Context } from '../../../platform/context.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import { goLive } from '../../../publications/go-live.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { testFlashes } from '../digests/preview/test-words.js';
import { findFlash } from '../frame/flash.js';
import { readWebAddress } from '../settings/web-address.js';
import { describeSetUp, type SetUpContext } from './set-up-page.js';

export type SetUpRoutesContext = SetUpContext & Pick<Context, 'fetchPage' | 'publicUrl'>;

/** The five steps that make a newsletter live; they can be left and taken up again. */
export function setUpRoutes(context: SetUpRoutesContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showSetUp(context, req, res));
  router.post('/form', (req, res) => lookAtPage(context, req, res));
  router.post('/live', (req, res) => makeLive(context, req, res));
  return router;
}

/** @param mistake what is wrong with a form of the page, and of which step */
export async function showSetUp(
  context: SetUpContext,
  req: Request,
  res: Response,
  { mistake = null, ...shown }: { mistake?: { step: string; words: string } | null } & TemplateData = {},
): Promise<void> {
  sendDeskPage(context, res, 'dashboard-set-up', {
    ...(await describeSetUp(context, publicationDeskOf(res), res)),
    flash: findFlash(flashes, req.query['done']),
    mistake,
    ...shown,
  });
}

/** Looks for our form on a page of the publisher's site. */
async function lookAtPage(context: SetUpRoutesContext, req: Request, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const { publication } = publicationDeskOf(res);
  const url = readWebAddress(req.body?.url);
  if (!URL.canParse(url)) {
    const words = 'Enter the address of a page of your site, like https://example.com/about.';
    return showSetUp(context, req, res.status(422), { mistake: { step: 'form', words }, formUrl: url });
  }
  await lookForForm(context, publication, url);
  return res.redirect(303, `${deskPath(publication)}/set-up?done=looked#step-form`);
}

async function makeLive(context: SetUpRoutesContext, req: Request, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const { publication } = publicationDeskOf(res);
  if (publication.postalAddress === null) {
    const words =
      'It is not live yet. The law of many countries asks for a postal address below every mail: enter one in step 2.';
    return showSetUp(context, req, res.status(422), { mistake: { step: 'live', words } });
  }
  const sendsReleased = req.body?.released === 'send';
  const { kind } = await goLive(asOperator(context, res), publication.id, { sendsReleased });
  return res.redirect(303, `${deskPath(publication)}/set-up?done=${kind}`);
}

const flashes: Record<string, string> = {
  ...testFlashes,
  test: 'A test was asked for. What became of it stands in step 4.',
  created: 'The newsletter is made. Nobody is mailed a digest before you go live.',
  followed: 'The feed is followed from now on, and looked at within seconds.',
  checked: 'Looked at the DNS just now.',
  looked: 'Looked at the page just now. What was found is below.',
  live: 'The newsletter is live. Digests go out from now on.',
  'not-set-up': 'It was live already. Nothing was changed.',
};
