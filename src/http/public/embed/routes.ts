import express, { type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { singleFlight } from '../../../platform/process/single-flight.js';
import { findPublicationByAnySlug, findPublicationBySlug } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { allowAllOrigins } from '../../middleware/cors.js';
import { embedConfig, renderSnippet, snippetKinds } from './snippet.js';
import { previewKinds, showPreview } from './preview.js';
import { readTheme, type Theme } from './theme.js';
import { showPublicationArchived } from '../shared-pages.js';

type EmbedContext = Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl'>;

/**
 * What publishers' pages load from us, and the page of snippets. It also sets the CORS headers of the sign-up route, so it is
 * mounted before that.
 */
export function embedRoutes(context: EmbedContext): Router {
  const { db } = context;
  const router = express.Router();
  router.get('/assets/:file', (req, res, next) => {
    if (req.params.file.startsWith('embed-')) allowAllOrigins(res);
    next();
  });

  // Every page view of a publisher's site requests it.
  const findScript = singleFlight((key) => {
    const [slug = '', theme, earlierSlug = ''] = key.split(' ');
    return readScript(context, { slug, earlierSlug, theme: readTheme(theme) });
  });
  router.get('/embed/:pub.js', async (req, res, next) => {
    const { theme, as } = req.query;
    const script = await findScript(
      `${req.params.pub} ${readTheme(theme)} ${typeof as === 'string' ? as : ''}`,
    );
    if (script === undefined) return next();
    allowAllOrigins(res).set('Cache-Control', 'public, max-age=300').type('text/javascript; charset=utf-8');
    return res.send(script);
  });

  router.get('/embed/:pub', async (req, res, next) => {
    const publication = await findPublicationBySlug(db, req.params.pub);
    if (publication === undefined) return next();
    if (publication.archivedAt !== null) return showPublicationArchived(context, res, publication);
    return res.type('html').send(await snippetPage(context, publication, readTheme(req.query['theme'])));
  });

  router.get('/embed/:pub/preview/:kind', async (req, res, next) => {
    const publication = await findPublicationBySlug(db, req.params.pub);
    const kind = previewKinds.find((one) => one === req.params.kind);
    if (publication === undefined || kind === undefined) return next();
    return await showPreview(context, res, publication, { kind, theme: readTheme(req.query['theme']) });
  });
  return router;
}

async function snippetPage(
  context: EmbedContext,
  publication: Publication,
  theme: Theme | undefined,
): Promise<string> {
  const { templates, publicUrl: home } = context;
  const snippets = snippetKinds.map(async (kind) => [
    kind,
    await renderSnippet(context, publication, kind, theme),
  ]);
  const box = templates.t(publication.locale, 'comment.box', { publication: publication.name });
  return templates.page('embed', 'en', {
    publication,
    home,
    theme,
    snippets: Object.fromEntries(await Promise.all(snippets)),
    wordpress: templates
      .page('partials/embed-wordpress', publication.locale, { publication, home, box })
      .trim(),
  });
}

type ScriptRequest = { slug: string; earlierSlug: string; theme: Theme | undefined };

/**
 * The newest build of the script, after a line with its configuration. Undefined for an unknown publication, empty for an
 * archived one.
 * @param earlierSlug that the page's element is named by, as it was pasted before the slug was changed
 */
async function readScript(
  context: EmbedContext,
  { slug, earlierSlug, theme }: ScriptRequest,
): Promise<string | undefined> {
  const publication = await findPublicationBySlug(context.db, slug);
  if (publication === undefined) return undefined;
  if (publication.archivedAt !== null) return '';
  const current = await embedConfig(context, publication, { lasting: false, theme });
  const named = earlierSlug === '' ? undefined : await findPublicationByAnySlug(context.db, earlierSlug);
  const tagSlug = named?.id === publication.id ? earlierSlug : slug;
  const config = JSON.stringify({ ...current, slug: tagSlug });
  return `${configureTag(tagSlug, config)}\n${context.templates.embed.build.script}`;
}

/**
 * Puts the configuration on the tag of the script, where the script reads it. The browser names the tag that runs, but not
 * for a module, `import()` or `eval`, as optimisers and caches load it, and another one where they put scripts together:
 * then it is found by its address, which they keep in some attribute. Where there is none, one is made that does nothing.
 */
function configureTag(slug: string, config: string): string {
  const address = JSON.stringify(`/embed/${slug}.js`);
  return (
    `{const o=e=>e&&[...e.attributes].some(a=>a.value.includes(${address})),c=document.currentScript,` +
    `t=o(c)?c:[...document.scripts].find(o)||c||document.documentElement.appendChild(document.createElement("script"));` +
    `t.dataset.config=${JSON.stringify(config)}}`
  );
}
