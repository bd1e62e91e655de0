import type { Request } from 'express';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { requestedPath } from '../middleware/base-path.js';

export type NextStep = { url: string; label: string };

/** Pages that can be opened again at any time, and whose forms are sent to a URL below their own. */
const FORM_PAGE_PATTERN =
  /^\/(?:(?:confirm|manage|unsubscribe|never|check-inbox)\/[\w-]+|[a-z0-9-]+\/manage(?=$|\?))/;

/** The link of an error page: to the page whose form was sent, to the same page again, or to a page to start from. */
export function nextStep(
  { templates }: Pick<Context, 'templates'>,
  req: Request,
  publication: Publication | undefined,
  status: number,
): NextStep | null {
  const locale = publication?.locale ?? 'en';
  const looks = req.method === 'GET' || req.method === 'HEAD';
  const before = looks ? undefined : FORM_PAGE_PATTERN.exec(requestedPath(req))?.[0];
  if (before !== undefined) return { url: before, label: templates.t(locale, 'errors.back') };
  // An empty URL is the page's own, with its query.
  if (looks && status >= 500) return { url: '', label: templates.t(locale, 'errors.again') };
  if (publication === undefined)
    return looks ? { url: '/', label: templates.t(locale, 'errors.newsletters') } : null;
  const label = templates.t(locale, 'errors.toPublication', { publication: publication.name });
  return { url: `/${publication.slug}`, label };
}
