import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Context } from '../../platform/context.js';
import { isDatabaseUnavailable } from '../../platform/db/unavailable.js';
import { TooManyWaitingError } from '../../platform/process/limit-concurrency.js';
import type { Publication } from '../../publications/publication.js';
import { nextStep } from './next-step.js';
import { requestedPath } from '../middleware/base-path.js';
import { TooManyBodiesError } from '../middleware/read-body.js';
import { findPublicationByUrl } from './error-page-publication.js';
import { sendProblem } from './problem.js';

/** A form for the error page, filled in as the reader sent it, that can be sent again later. */
export type RetryForm = { action: string; email: string; fields?: { name: string; value: string }[] };

/** `page` names the texts in the locales; `detail` replaces their first sentence. */
type ErrorPage = {
  status: number;
  page: ErrorPageName;
  reference?: string;
  detail?: string;
  retry?: RetryForm;
};

type ErrorPageName =
  | 'notFound'
  | 'viewOnly'
  | 'ownersOnly'
  | 'tooMany'
  | 'refused'
  | 'broken'
  | 'unavailable';

/** Sets the publication of this request: error pages are then in its language, and name its contact. */
export function setErrorPublication(res: Response, publication: Publication): void {
  res.locals['publication'] = publication;
}

/** Sends an error as a page, or as problem details (RFC 9457) where the request asks for JSON. */
export function sendError(
  { templates }: Pick<Context, 'templates'>,
  req: Request,
  res: Response,
  problem: ErrorPage,
): void {
  const publication = res.locals['publication'] as Publication | undefined;
  const locale = publication?.locale ?? 'en';
  const whatHappened = [
    problem.detail ?? templates.t(locale, `errors.page.${problem.page}.what`),
    ...(needsHelp(problem.status) && publication?.contact
      ? [templates.t(locale, 'errors.orContact', { contact: publication.contact })]
      : []),
  ].join(' ');
  res.status(problem.status).set('Cache-Control', 'no-store');
  if (wantsJson(req)) {
    const { status, page: code, reference } = problem;
    return sendProblem(res, { status, code, detail: whatHappened, ...(reference ? { reference } : {}) });
  }
  const data = {
    publication: publication ?? null,
    status: problem.status,
    title: templates.t(locale, `errors.page.${problem.page}.title`),
    whatHappened,
    nextStep: problem.retry ? null : nextStep({ templates }, req, publication, problem.status),
    retry: problem.retry ?? null,
    reference: problem.reference ?? null,
  };
  res.type('html').send(templates.page('error', locale, data));
}

/** Whether the reader can do nothing about the error herself: then the page names the publisher's contact. */
function needsHelp(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Sends 429 with the time to wait, as a sentence and as Retry-After (RFC 9110 section 10.2.3). */
export function sendTooManyRequests(
  context: Pick<Context, 'templates'>,
  req: Request,
  res: Response,
  publication: Publication,
  seconds: number,
  retry?: RetryForm,
): void {
  const count = Math.ceil(seconds / 60);
  const detail = context.templates.t(publication.locale, 'errors.tooMany', { count });
  res.set('Retry-After', String(seconds));
  setErrorPublication(res, publication);
  sendError(context, req, res, { status: 429, page: 'tooMany', detail, ...(retry ? { retry } : {}) });
}

/** Whether the request asks for JSON; in the API always. */
export function wantsJson(req: Request): boolean {
  if (requestedPath(req).startsWith('/api/')) return true;
  // `is` answers null for a request without a body, which is most of what browsers send.
  return typeof req.is('json') === 'string' || req.accepts(['html', 'json']) === 'json';
}

export function notFound(context: Pick<Context, 'db' | 'links' | 'templates'>): RequestHandler {
  return async (req, res) => {
    await setErrorPublicationFromUrl(context, req, res);
    return sendError(context, req, res, { status: 404, page: 'notFound' });
  };
}

/** For a request without a publication so far: takes it from the URL. */
async function setErrorPublicationFromUrl(
  context: Pick<Context, 'db' | 'links'>,
  req: Request,
  res: Response,
): Promise<void> {
  if (res.locals['publication'] !== undefined) return;
  const publication = await findPublicationByUrl(context, requestedPath(req));
  if (publication !== undefined) setErrorPublication(res, publication);
}

/** Seconds that are asked for, in Retry-After, while the database does not answer. */
const RETRY_AFTER_OUTAGE_SECONDS = 30;

/** Seconds until some of the bodies that are held now will have been answered. */
const RETRY_AFTER_BUSY_SECONDS = 5;

/** Sends 503 for a request of which nothing was used, because so much comes in at once. */
export function sendBusy(
  context: Pick<Context, 'templates'>,
  req: Request,
  res: Response,
  retry?: RetryForm,
): void {
  const publication = res.locals['publication'] as Publication | undefined;
  const detail = context.templates.t(publication?.locale ?? 'en', 'errors.busy');
  res.set('Retry-After', String(RETRY_AFTER_BUSY_SECONDS));
  sendError(context, req, res, { status: 503, page: 'unavailable', detail, ...(retry ? { retry } : {}) });
}

/** The only error handler. It logs the error under a reference, and sends the reference instead of details. */
export function onError(context: Pick<Context, 'db' | 'links' | 'log' | 'templates'>): ErrorRequestHandler {
  return async (error: unknown, req, res, _next) => {
    if ((error instanceof TooManyBodiesError || error instanceof TooManyWaitingError) && !res.headersSent)
      return sendBusy(context, req, res);
    if (res.headersSent) {
      // It can only be broken off.
      context.log.error({ event: 'http.error', err: error });
      return void res.destroy();
    }
    const status = statusOf(error);
    // With 503 the database cannot be reached, so the publication cannot be looked up.
    if (status !== 503) await setErrorPublicationFromUrl(context, req, res);
    if (status < 500)
      return sendError(context, req, res, { status, page: status === 404 ? 'notFound' : 'refused' });
    const reference = randomUUID().slice(0, 8);
    context.log.error({ event: 'http.error', reference, err: error });
    if (status === 503) res.set('Retry-After', String(RETRY_AFTER_OUTAGE_SECONDS));
    return sendError(context, req, res, {
      status,
      page: status === 503 ? 'unavailable' : 'broken',
      reference,
    });
  };
}

/**
 * The HTTP status of an error: its own, which body parsers set; 400 for text with NUL, which Postgres refuses
 * (22021); 503 while the database is not available; else 500.
 */
function statusOf(error: unknown): number {
  const { status, code } = error as { status?: unknown; code?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) return status;
  if (code === '22021') return 400;
  return isDatabaseUnavailable(error) ? 503 : 500;
}
