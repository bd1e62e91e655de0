import type { Request, Response } from 'express';
import type { Templates } from '../../../platform/templates/templates.js';
import { basePathFor } from '../../middleware/base-path.js';
import type { HostedFormOptions } from '../../public/sign-up/hosted-form-options.js';
import { machineTimeZone } from '../machine-time-zone.js';
import { PAPER } from './feed.js';
import type { DemoSite } from './site.js';
import { pictureOf, readingMinutes, storyHtml, type PublishedStory } from './story.js';

export type DemoPageContext = {
  templates: Templates;
  site: DemoSite;
  /** The newsletter whose form stands at the end of each article. */
  publication: () => Promise<{ slug: string; name: string }>;
  offer: () => Promise<HostedFormOptions>;
};

/** What became of a comment; the demo keeps none. */
export type CommentState =
  | { state: 'none' | 'taken' | 'asked' }
  | { state: 'refused'; reason: string; email: string; suggestion: string | null };

export async function showHome(context: DemoPageContext, req: Request, res: Response): Promise<void> {
  const stories = await context.site.published();
  res.send(await renderPage(context, 'demo-home', req, { stories: stories.map(storyView) }));
}

/** An article with its form and its comment box, and links to three others. */
export async function showArticle(
  context: DemoPageContext,
  req: Request,
  res: Response,
  story: PublishedStory,
  comment: CommentState,
): Promise<void> {
  const others = (await context.site.published()).filter(({ slug }) => slug !== story.slug).slice(0, 3);
  const data = { story: storyView(story), others: others.map(storyView), comment };
  res.send(await renderPage(context, 'demo-article', req, data));
}

/** The address of the demo site itself, without a slash at its end. */
export function siteUrl(req: Request): string {
  return homeUrl(req) + req.baseUrl;
}

/** Where Paperround itself is for whoever asks, without a slash at its end. */
export function homeUrl(req: Request): string {
  return `${req.protocol}://${req.get('host') ?? 'localhost'}${basePathFor(req)}`;
}

async function renderPage(
  { templates, publication, offer }: DemoPageContext,
  name: string,
  req: Request,
  data: Record<string, unknown>,
): Promise<string> {
  return templates.page(name, 'en', {
    paper: PAPER,
    email: '',
    errors: [],
    zone: machineTimeZone(),
    publication: await publication(),
    offer: await offer(),
    source: sourceOf(req),
    ...data,
  });
}

function storyView(story: PublishedStory): Record<string, unknown> {
  return { ...story, minutes: readingMinutes(story), html: storyHtml(story), picture: pictureOf(story) };
}

/** The `source` of the forms on a page: its own URL, and the article's where a comment was refused. */
function sourceOf(req: Request): string {
  return siteUrl(req) + (req.path === '/' ? '' : req.path.replace(/\/comments$/, ''));
}
