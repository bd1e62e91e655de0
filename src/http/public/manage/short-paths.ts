import type { RequestHandler } from 'express';
import type { Context } from '../../../platform/context.js';

/** What the token of a link in a mail opens behind `/manage/`, by its purpose. */
const PATHS_BY_PURPOSE = {
  repair: '/repair/confirm',
  'address-confirm': '/address/confirm',
  'address-cancel': '/address/cancel',
};

const SHORT_PATH = /^\/manage\/([\w-]+)(?=$|\?)/;

/** A link in a mail has no more than its token behind `/manage/`, to be short. Its page, and that page's form, are further down. */
export function expandShortPaths({ links, now }: Pick<Context, 'links' | 'now'>): RequestHandler {
  return (req, _res, next) => {
    const [path = '', token = ''] = SHORT_PATH.exec(req.url) ?? [];
    const page = Object.entries(PATHS_BY_PURPOSE).find(
      ([purpose]) => token !== '' && links.verifyShort(purpose, token, now()).kind !== 'invalid',
    );
    if (page !== undefined) req.url = `${path}${page[1]}${req.url.slice(path.length)}`;
    next();
  };
}
