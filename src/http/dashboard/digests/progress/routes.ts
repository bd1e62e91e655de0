import express, { type Request, type Response, type Router } from 'express';
import type { Context } from '../../../../platform/context.js';
import { SECOND_MS } from '../../../../platform/durations.js';
import type { Publication } from '../../../../publications/publication.js';
import { deskPath, publicationDeskOf } from '../../frame/desk.js';
import { mayStillLook } from '../../frame/still-allowed.js';
import { timesOf, markOf } from '../digest-page.js';
import { countDone, describeState } from '../digest-state.js';
import { ledgerRows } from '../ledger-words.js';
import { createProgressFeeds, type ProgressEvent } from './feeds.js';
import type { Paces } from './pace.js';
import { createStreams, type Stream } from './streams.js';

type ProgressContext = Pick<Context, 'db' | 'now' | 'templates' | 'stopping'>;

/** How soon after her session ended, or her rights were taken away, nothing more is shown. */
const CHECK_RIGHTS_MS = 3 * SECOND_MS;

/** What a page of a digest that is being sent shows, each second anew, as server-sent events. */
export function progressRoutes(context: ProgressContext, paces: Paces): Router {
  const router = express.Router();
  const streams = createStreams(context.stopping);
  const feeds = createProgressFeeds(context);
  router.get('/:id/progress', (req, res) => {
    if (req.method === 'HEAD') return res.type('text/event-stream').end();
    const stream = streams.open(req, res, req.sessionID);
    if (stream === undefined)
      return res.status(429).type('text/plain').send('Too many pages of yours show progress. Close one.\n');
    const { publication } = publicationDeskOf(res);
    const path = `${res.app.get('base path')}${deskPath(publication)}/digests/${req.params.id}`;
    const show = createView(context, { paces, publication, path, id: req.params.id });
    const stop = feeds.watch(req.params.id, (event) => sendEvent(stream, event, show));
    res.once('close', stop);
    return watchRights(context, { req, res, stream });
  });
  return router;
}

type View = (event: Extract<ProgressEvent, { kind: 'progress' }>) => string;

function sendEvent(stream: Stream, event: ProgressEvent, show: View): void {
  if (event.kind === 'progress') return stream.send('progress', show(event));
  stream.send('over', '');
  return stream.end();
}

/** The parts of the page that change, by the ids of their places. */
function createView(
  context: Pick<Context, 'now' | 'templates'>,
  page: { paces: Paces; publication: Publication; path: string; id: string },
): View {
  const { paces, publication, path, id } = page;
  return ({ progress }) => {
    const { counts } = progress;
    const done = countDone(counts);
    const pace = paces.measure(id, done, counts.planned - done);
    const sentence = describeState({ ...progress, pace }, timesOf(context, publication));
    const part = (name: string, data: Record<string, unknown>) =>
      context.templates.page(`partials/${name}`, 'en', data);
    return JSON.stringify({
      progress: part('digest-progress', { mark: markOf(progress), sentence, counts }),
      ...(counts.planned > 0 && {
        'progress-ledger': part('ledger', { ledger: ledgerRows(counts), planned: counts.planned, path }),
      }),
    });
  };
}

/** The page is loaded anew, and says why there is nothing more to see. */
function watchRights(
  context: Pick<Context, 'db' | 'now'>,
  { req, res, stream }: { req: Request<{ id: string }>; res: Response; stream: Stream },
): void {
  const { publication } = publicationDeskOf(res);
  const check = async () => {
    const may = await mayStillLook(context, req, publication.id).catch(() => 'unknown' as const);
    if (may === true) return;
    // Where the database does not say, the browser asks again by itself.
    if (may === false) stream.send('over', '');
    stream.end();
  };
  const timer = setInterval(() => void check(), CHECK_RIGHTS_MS).unref();
  res.once('close', () => clearInterval(timer));
}
