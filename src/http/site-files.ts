import express, { type Router } from 'express';
import { basePathOf } from '../platform/base-path.js';
import type { Context } from '../platform/context.js';

/** What is behind a login or a reader's own link, and nothing that a search engine shows (RFC 9309). */
const NOT_FOR_ROBOTS = [
  'api',
  'check-inbox',
  'confirm',
  'hooks',
  'inbox',
  'manage',
  'never',
  'operator',
  'unsubscribe',
  'websub',
];

/** Files that browsers and robots ask every site for. */
export function siteFileRoutes({ publicUrl, templates }: Pick<Context, 'publicUrl' | 'templates'>): Router {
  const basePath = basePathOf(publicUrl);
  const rules = NOT_FOR_ROBOTS.map(
    (word) => `Disallow: ${basePath}/${word}/\nDisallow: ${basePath}/${word}$\n`,
  );
  const robots = `User-agent: *\n${rules.join('')}`;
  const icon = templates.assets.get(templates.assetPath('favicon.ico').split('/').at(-1) ?? '');
  const router = express.Router();
  router.get('/robots.txt', (_req, res) => {
    res.type('text/plain').set('Cache-Control', 'public, max-age=3600').send(robots);
  });
  router.get('/favicon.ico', (_req, res, next) => {
    if (icon === undefined) return next();
    return res.type(icon.type).set('Cache-Control', 'public, max-age=86400').send(icon.body);
  });
  return router;
}
