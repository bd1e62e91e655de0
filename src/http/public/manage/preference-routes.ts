import express from 'express';
import type { Request, Response, Router } from 'express';
import { changeChoices } from '../../../subscribers/preferences/change-choices.js';
import { mergeTopics } from '../../../subscribers/preferences/merge-topics.js';
import { pauseSubscription, resumeSubscription } from '../../../subscribers/preferences/pause.js';
import { readForm } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { renderManagePage, mayChangePreferences, type Mistake, type PageContext } from './page.js';
import { openManageLink, type ManageLink } from './link.js';
import { readPause, readSettings, type Section } from './forms.js';

type Change = (manager: ManageLink, body: unknown) => Promise<Mistake | undefined>;

/** The preference center: one page with a form for all choices and one for the pause. Each leads back to the page. */
export function preferenceRoutes(context: PageContext): Router {
  const router = express.Router();
  router.use('/manage', privatePage);

  router.get('/manage/:token', async (req, res) => {
    const manager = await openManageLink(context, req, res);
    if (manager === undefined) return;
    return res
      .type('html')
      .send(await renderManagePage(context, manager, { token: req.params.token, query: req.query }));
  });

  for (const [section, change] of Object.entries(changes(context))) {
    router.post(`/manage/:token/${section}`, (req, res) =>
      save(context, section as Section, change, req, res),
    );
  }
  return router;
}

async function save(
  context: PageContext,
  section: Section,
  change: Change,
  req: Request,
  res: Response,
): Promise<void> {
  const token = String(req.params['token']);
  const manager = await openManageLink(context, req, res);
  if (manager === undefined) return;
  const path = `/manage/${token}`;
  // The page says why the settings cannot be changed now.
  if (!mayChangePreferences(manager)) return res.redirect(303, path);
  await readForm(req, res);
  const mistake = await change(manager, req.body);
  if (mistake === undefined) return res.redirect(303, `${path}?saved=${section}`);
  res
    .status(422)
    .type('html')
    .send(await renderManagePage(context, manager, { token, query: {}, mistake }));
}

function changes(context: PageContext): Record<Section, Change> {
  return {
    choices: (manager, body) => choose(context, manager, body),
    pause: ({ subscription }, body) => pause(context, subscription, body),
    resume: async ({ subscription }) => {
      await resumeSubscription(context, subscription.id);
      return undefined;
    },
  };
}

/** Topics are compared with those the form was made with: what happened to the others meanwhile stays. */
async function choose(
  context: PageContext,
  { subscription, publication }: ManageLink,
  body: unknown,
): Promise<Mistake | undefined> {
  const settings = readSettings(body, publication);
  if (settings === undefined) return { section: 'choices' };
  const { choices, ticks } = settings;
  await changeChoices(context, subscription.id, ({ topics }) => ({
    ...choices,
    topics: mergeTopics(topics, ticks, publication.topics),
  }));
  return undefined;
}

async function pause(
  context: PageContext,
  { id, timezone }: ManageLink['subscription'],
  body: unknown,
): Promise<Mistake | undefined> {
  const read = readPause(body, timezone, context.now());
  if (read.kind === 'mistake') {
    const { typed } = read;
    return { section: 'pause', ...(typed === undefined ? {} : { typed }) };
  }
  await pauseSubscription(context, id, read.pause);
  return undefined;
}
