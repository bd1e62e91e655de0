import { z } from 'zod';
import express, { type Request, type Response, type Router } from 'express';
import { enqueueOneHourManageLink } from '../../../deliveries/notices/self-service-links.js';
import type { Context } from '../../../platform/context.js';
import { findSubscription, findSubscriptionPublication } from '../../../subscribers/reads.js';
import { isSubscribed } from '../../../subscribers/subscription.js';
import { eraseSubscription } from '../../../subscribers/erase/erase.js';
import { restoreAsOperator } from '../../../subscribers/leave/operator-unsubscribe.js';
import { unsubscribe } from '../../../subscribers/leave/unsubscribe.js';
import { changeChoices } from '../../../subscribers/preferences/change-choices.js';
import { mergeTopics } from '../../../subscribers/preferences/merge-topics.js';
import { pauseAsOperator, resumeAsOperator } from '../../../subscribers/preferences/operator-pause.js';
import { readDeskForm, readForm } from '../../middleware/read-body.js';
import { readSettings } from '../../public/manage/forms.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { actOnce, onceFlashes } from '../frame/once.js';
import { requireOwn } from '../frame/own-row.js';
import { showReader, type ReaderContext } from './reader-page.js';

type ReaderRequest = Request<{ id: string }>;
type Acting = ReaderContext & Pick<Context, 'actor'>;

/** The page of one reader, with its buttons. Each leads back to the page, which says what was done. */
export function readerPageRoutes(context: ReaderContext): Router {
  const router = express.Router();
  router.use('/:id', requireOwn(context, findSubscriptionPublication));
  router.get('/:id', (req: ReaderRequest, res) =>
    showReader(context, req, res, { flash: findFlash(flashes, req.query['done']) }),
  );
  router.post('/:id/choices', (req: ReaderRequest, res) => saveChoices(context, req, res));
  router.post('/:id/link', (req: ReaderRequest, res) => mailLink(context, req, res));
  for (const [action, act] of Object.entries(ACTIONS))
    router.post(`/:id/${action}`, async (req: ReaderRequest, res) => {
      await readForm(req, res);
      return leadBack(req, res, await act(asOperator(context, res), req.params.id));
    });
  return router;
}

/** Each answers the word of what was done. */
const ACTIONS: Readonly<Record<string, (context: Acting, id: string) => Promise<string>>> = {
  pause: async (context, id) => (await pauseAsOperator(context, id)).kind,
  resume: async (context, id) => (await resumeAsOperator(context, id)).kind,
  unsubscribe: async (context, id) => (await unsubscribe(context, id)).kind,
  restore: async (context, id) => {
    const { kind } = await restoreAsOperator(context, id);
    return kind === 'resumed' ? 'restored' : kind;
  },
  erase: async (context, id) => {
    await eraseSubscription(context, id);
    return 'erased';
  },
};

/** Pressed twice, it is mailed once. */
async function mailLink(context: ReaderContext, req: ReaderRequest, res: Response): Promise<void> {
  await readForm(req, res);
  const once = await actOnce(context, req, res, async (db) => {
    const mailed = await enqueueOneHourManageLink({ ...context, db }, req.params.id);
    return `${readerPath(req, res)}?done=link-${mailed}`;
  });
  res.redirect(303, once.kind === 'done' ? once.location : `${readerPath(req, res)}?done=${once.kind}`);
}

/** Her choices by the judge of her own settings page. */
async function saveChoices(context: ReaderContext, req: ReaderRequest, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const { publication } = publicationDeskOf(res);
  const reader = await findSubscription(context.db, req.params.id);
  if (reader === undefined || !isSubscribed(reader) || publication.archivedAt !== null)
    return leadBack(req, res, 'not-subscribed');
  const settings = readSettings(req.body, publication);
  const language = languageForm(context, reader.locale).safeParse(req.body ?? {});
  if (settings === undefined || !language.success)
    return showReader(context, req, res.status(422), {
      mistake: 'Something in the form was not one of the choices. Nothing was saved. Choose again.',
    });
  const { choices, ticks } = settings;
  await changeChoices(asOperator(context, res), reader.id, ({ topics }) => ({
    ...choices,
    locale: language.data.locale,
    topics: mergeTopics(topics, ticks, publication.topics),
  }));
  return leadBack(req, res, 'saved');
}

/** Her own stays where it is one that there are no translations for. */
function languageForm({ templates }: ReaderContext, own: string) {
  return z.object({ locale: z.enum([...templates.languages, own]).optional() });
}

function leadBack(req: ReaderRequest, res: Response, done: string): void {
  res.redirect(303, `${readerPath(req, res)}?done=${done}`);
}

function readerPath(req: ReaderRequest, res: Response): string {
  return `${deskPath(publicationDeskOf(res).publication)}/readers/${req.params.id}`;
}

const flashes: Readonly<Record<string, string>> = {
  ...onceFlashes,
  saved: 'Saved. Her next mail comes as she has it now; history says that you changed it.',
  paused: 'She is paused: nothing is mailed to her until somebody here resumes her.',
  'not-reading': 'She is not reading now, so there was nothing to pause. Nothing was changed.',
  resumed: 'She is resumed: she gets what comes out from now on.',
  'not-paused': 'She is not paused. Nothing was changed.',
  'her-own': 'She paused by herself, so only she can end it. Nothing was changed.',
  unsubscribed: 'She is unsubscribed, and was not told by mail. You can undo it for a day.',
  'already-unsubscribed': 'She had left already. Nothing was changed.',
  restored: 'She is back as she was. Articles that came out meanwhile still reach her.',
  'too-late':
    'That cannot be undone: a day has passed, she left by herself, or she is on Do not mail. Nothing was changed.',
  erased: 'She is erased. Links in her old mails still answer, and nobody but she can sign her up again.',
  'not-subscribed': 'She does not read now, so there are no choices to change. Nothing was saved.',
  lifted:
    'That stands against mail to her no more. What else does, if anything does, is below; if she had left, she stays so.',
  'link-mailed': 'Her settings link is on its way to her. It is good for an hour; nobody here sees it.',
  'link-later':
    'It was not mailed: she has had as many links as anybody may cause in a day, or has not confirmed. Try tomorrow.',
  'link-stopped': 'It was not mailed: her address is on Do not mail.',
};
