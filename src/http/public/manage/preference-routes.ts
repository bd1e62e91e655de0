import express from 'express';
import type { Request, Response, Router } from 'express';
import { changeChoices, type ChoicesChange } from '../../../subscribers/preferences/change-choices.js';
import { mergeTopics } from '../../../subscribers/preferences/merge-topics.js';
import { pauseSubscription, resumeSubscription } from '../../../subscribers/preferences/pause.js';
import { readForm } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { renderManagePage, mayChangePreferences, type Mistake, type PageContext } from './page.js';
import { openManageLink, type ManageLink } from './link.js';
import { readCadence, readFormat, readPause, readTicks, type Section } from './forms.js';

type Change = (manager: ManageLink, body: unknown) => Promise<Mistake | undefined>;

/** The preference center: one page with several forms. Each saves its own settings and leads back to the page. */
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
  const choose = async (
    { subscription }: ManageLink,
    section: Section,
    change: ChoicesChange | undefined,
  ): Promise<Mistake | undefined> => {
    if (change === undefined) return { section };
    await changeChoices(context, subscription.id, change);
    return undefined;
  };
  return {
    cadence: (manager, body) => choose(manager, 'cadence', readCadence(body, manager.publication)),
    format: (manager, body) => choose(manager, 'format', readFormat(body)),
    topics: ({ subscription, publication }, body) =>
      chooseTopics(context, subscription.id, publication, body),
    pause: ({ subscription }, body) => pause(context, subscription, body),
    resume: async ({ subscription }) => {
      await resumeSubscription(context, subscription.id);
      return undefined;
    },
  };
}

async function chooseTopics(
  context: PageContext,
  subscriptionId: string,
  { topics: offered }: ManageLink['publication'],
  body: unknown,
): Promise<Mistake | undefined> {
  const ticks = readTicks(body);
  if (ticks === undefined) return { section: 'topics' };
  await changeChoices(context, subscriptionId, ({ topics }) => ({
    topics: mergeTopics(topics, ticks, offered),
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
