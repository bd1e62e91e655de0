import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import { mayDo, type Role } from '../../../operators/permissions.js';
import type { Operator } from '../../../operators/operator.js';
import type { Session } from '../../../operators/sessions/session.js';
import type { Context } from '../../../platform/context.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Publication } from '../../../publications/publication.js';
import { requestedPath } from '../../middleware/base-path.js';
import { railFoot, railOf } from './rail.js';

/** One request of somebody who is signed in. */
export type Desk = {
  /** Undefined: the command line's link for nobody in particular, who may do everything. */
  operator: Operator | undefined;
  session: Session;
  /** Those that the operator has a role at, oldest first. */
  publications: readonly Publication[];
  /** Something does not work, of the server or of these: the rail says so. */
  hasTrouble: boolean;
};

/** One request about a publication, by somebody who has a role at it. */
export type PublicationDesk = Desk & { publication: Publication; role: Role };

export function setDesk(res: Response, desk: Desk | PublicationDesk): void {
  res.locals['desk'] = desk;
}

/** For a handler of a route that needs an account. */
export function deskOf(res: Response): Desk {
  return res.locals['desk'] as Desk;
}

/** For a handler of a route below a publication. */
export function publicationDeskOf(res: Response): PublicationDesk {
  return res.locals['desk'] as PublicationDesk;
}

/** The path of a publication's pages, below the base path. */
export function deskPath({ slug }: Pick<Publication, 'slug'>): string {
  return `/operator/publications/${slug}`;
}

/**
 * Sends a page with the rail.
 * @param page its template; it has besides `data`: `publication`, `here` (the publication's path with the base path, for
 * links and forms), `may.change`, `may.own`, and `formKey` for forms that send (see `once.ts`)
 */
export function sendDeskPage(
  { templates }: Pick<Context, 'templates'>,
  res: Response,
  page: string,
  data: TemplateData,
): void {
  const desk = publicationDeskOf(res);
  res.type('html').send(templates.page(page, 'en', { ...frameOf(res, desk), ...data }));
}

/**
 * Sends a page with the rail that is about no publication.
 * @param page its template
 */
export function sendServerPage(
  { templates }: Pick<Context, 'templates'>,
  res: Response,
  page: string,
  data: TemplateData,
): void {
  const frame = { publication: null, rail: { items: [], ...railData(res, deskOf(res)) } };
  res.type('html').send(templates.page(page, 'en', { ...frame, ...data }));
}

function frameOf(res: Response, desk: PublicationDesk): TemplateData {
  const { publication, role } = desk;
  const path = deskPath(publication);
  return {
    publication,
    here: res.app.get('base path') + path,
    may: { change: mayDo(role, 'change'), own: mayDo(role, 'own') },
    formKey: randomUUID(),
    rail: { items: railOf(path, res.req.originalUrl), ...railData(res, desk) },
  };
}

function railData(res: Response, { publications, operator, hasTrouble }: Desk) {
  return {
    publications: publications.map((one) => ({ ...one, path: deskPath(one) })),
    foot: railFoot(requestedPath(res.req), hasTrouble),
    signedIn: operator?.email ?? null,
    mayMake: operator?.isAdministrator ?? true,
  };
}
