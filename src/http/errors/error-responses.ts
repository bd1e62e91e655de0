import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { nextStep } from './next-step.js';
import { findPublicationByUrl } from './error-page-publication.js';

/** A form that may be sent again later: what she typed stands in it. */
export type RetryForm = { action: string; email: string; fields?: { name: string; value: string }[] };

type ErrorPage = {
  status: number;
  page: ErrorPageName;
  reference?: string;
  detail?: string;
  retry?: RetryForm;
};

type ErrorPageName = 'notFound' | 'viewOnly' | 'tooMany' | 'refused' | 'broken' | 'unavailable';

/** Says whose page this is, once a route knows: from then on an error is told in its language, with whom to write to. */
export function setErrorPublication(res: Response, publication: Publication): void {
  res.locals['publication'] = publication;
}

/** An answer that is not the page she asked for, in the form she asked for it. */
export function sendError(
  { templates }: Pick<Context, 'templates'>,
  req: Request,
  res: Response,
  problem: ErrorPage,
): void {
  const publication = res.locals['publication'] as Publication | undefined;
  const locale = publication?.locale ?? 'en';
  const what = [
    problem.detail ?? templates.t(locale, `errors.page.${problem.page}.what`),
    ...(needsHelp(problem.status) && publication?.contact
      ? [templates.t(locale, 'errors.orContact', { contact: publication.contact })]
      : []),
  ].join(' ');
  res.status(problem.status).set('Cache-Control', 'no-store');
  if (wantsJson(req)) {
    sendProblem(res, problem.status, problem.page, what, problem.reference);
    return;
  }
  const data = {
    publication: publication ?? null,
    status: problem.status,
    title: templates.t(locale, `errors.page.${problem.page}.title`),
    whatHappened: what,
    nextStep: problem.retry ? null : nextStep({ templates }, req, publication, problem.status),
    retry: problem.retry ?? null,
    reference: problem.reference ?? null,
  };
  res.type('html').send(templates.page('error', locale, data));
}

/** Nothing that she could change in what she sent: somebody else has to help, or time. */
function needsHelp(status: number): boolean {
  return status === 429 || status >= 500;
}

/** A network's limit is reached: when to come back, as a sentence and as a header. `retry`: what she had typed. */
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

/** RFC 9457. `code` is stable; the rest is for people. */
export function sendProblem(
  res: Response,
  status: number,
  code: string,
  detail: string,
  reference?: string,
): void {
  sendProblemWithMembers(res, { status, code, detail }, reference ? { reference } : {});
}

/** The same with members of its own (RFC 9457 section 3.2), for a program to act on. */
export function sendProblemWithMembers(
  res: Response,
  { status, code, detail }: { status: number; code: string; detail: string },
  members: Record<string, unknown>,
): void {
  const title = STATUS_CODES[status] ?? 'Error';
  const body = { type: 'about:blank', title, status, code, detail, ...members };
  res.status(status).type('application/problem+json').send(JSON.stringify(body));
}

export function wantsJson(req: Request): boolean {
  // Only programs call the API, whatever they say they accept.
  if (req.originalUrl.startsWith('/api/')) return true;
  // `is` answers null for a request without a body, which is most of what browsers send.
  return typeof req.is('json') === 'string' || req.accepts(['html', 'json']) === 'json';
}

export function notFound(context: Pick<Context, 'db' | 'links' | 'templates'>): RequestHandler {
  return async (req, res) => {
    await setErrorPublicationFromUrl(context, req, res);
    return sendError(context, req, res, { status: 404, page: 'notFound' });
  };
}

/** Where no route has said it: a page below a newsletter's address is that newsletter's. */
async function setErrorPublicationFromUrl(
  context: Pick<Context, 'db' | 'links'>,
  req: Request,
  res: Response,
): Promise<void> {
  if (res.locals['publication'] !== undefined) return;
  const publication = await findPublicationByUrl(context, req.originalUrl);
  if (publication !== undefined) setErrorPublication(res, publication);
}

/** The only error handler. The log gets the error under a reference that the page shows; the page gets no details. */
export function onError(context: Pick<Context, 'db' | 'links' | 'log' | 'templates'>): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error);
    const status = statusOf(error);
    // With the database away nobody can tell, and asking it would only add to its trouble.
    if (status !== 503) await setErrorPublicationFromUrl(context, req, res);
    if (status < 500)
      return sendError(context, req, res, { status, page: status === 404 ? 'notFound' : 'refused' });
    const reference = randomUUID().slice(0, 8);
    context.log.error({ event: 'http.error', reference, err: error });
    return sendError(context, req, res, {
      status,
      page: status === 503 ? 'unavailable' : 'broken',
      reference,
    });
  };
}

/** Our body parsers' refusals carry a status; a database that is away is not a fault of ours, and passes. */
function statusOf(error: unknown): number {
  const { status, code } = error as { status?: unknown; code?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) return status;
  // A NUL byte in an address or a form: Postgres holds no such text, so there is nothing by that name.
  if (code === '22021') return 400;
  const away = ['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '53300'];
  return typeof code === 'string' && away.includes(code) ? 503 : 500;
}
