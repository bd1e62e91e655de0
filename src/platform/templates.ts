import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeEmail, oneLine, type EmailTools, type RenderedEmail } from './email-templates.js';
import { type Embed, readEmbed } from './embed-files.js';
import { loadWords, type Words } from './locales.js';
import { readOwnTemplates, type OwnTemplates } from './own-templates.js';
import { createEngine, type TemplateData } from './template-engine.js';
import { type Asset, readAssets, readTemplates } from './template-files.js';

export type { RenderedEmail } from './email-templates.js';
export type { TemplateData } from './template-engine.js';

export type Templates = {
  /** A whole page as HTML: `templates/pages/<name>.liquid`. */
  page(name: string, locale: string, data: TemplateData): string;
  /**
   * A mail in both forms: `templates/emails/<name>/{subject,html,text}.liquid`, of its publication's own where it has
   * some. Values between U+E000 and U+E001 are the caller's slots; they come out exactly as they went in.
   */
  email(name: string, locale: string, data: TemplateData): RenderedEmail;
  /** A template as plain, unescaped text on one line: the consent sentence a reader saw, to be kept as proof. */
  sentence(name: string, locale: string, data: TemplateData): string;
  /** Words by key, for sentences that a route passes into a page. */
  t: Words['t'];
  /** The language we have that comes closest: what stands between our words is written in it too. */
  resolve: Words['resolve'];
  /** `paperround.css` -> `/assets/paperround-<hash>.css`. Throws for a file we do not have. */
  assetPath(file: string): string;
  /** What `/assets/<name>` answers, by that name. */
  assets: Map<string, Asset>;
  /** What publishers' pages load from us. */
  embed: Embed;
};

/**
 * Words and looks, read into memory once from the templates folder; a template that does not parse stops the
 * start. A variable that the caller forgot throws when rendered.
 */
export function createTemplates({ dir, own }: { dir: string; own?: OwnTemplates }): Templates {
  const words = loadWords(join(dir, 'locales'));
  const { assets, names } = readAssets(join(dir, 'assets'));
  const embed = readEmbed(join(dir, 'embed'));
  const assetPath = (file: string) => `/assets/${required(names, file)}`;
  const sources = readTemplates(dir);
  const engine = { words, assetPath };
  const html = createEngine(sources, { ...engine, escaping: true });
  const plain = createEngine(sources, { ...engine, escaping: false });
  const css = readFileSync(join(dir, 'emails', 'mail.css'), 'utf8');
  const email = emails({ html, plain, css }, own && { ...own, ...ownOf(own, { sources, css, engine }) });
  return {
    page: (name, locale, data) => html(`pages/${name}`, words.resolve(locale), data),
    email: (name, locale, data) => email(name, words.resolve(locale), data),
    sentence: (name, locale, data) => oneLine(plain(name, words.resolve(locale), data)),
    t: words.t,
    resolve: words.resolve,
    assetPath,
    assets: new Map([...assets, ...embed.assets]),
    embed: embed.embed,
  };
}

type Own = OwnTemplates & { bySlug: Map<string, EmailTools> };

function ownOf({ dir }: OwnTemplates, ours: Parameters<typeof readOwnTemplates>[1]) {
  return { bySlug: readOwnTemplates(dir, ours) };
}

/** A publisher's own template that fails is a fault of hers, and no reader waits for its mending: ours steps in. */
function emails(ours: EmailTools, own: Own | undefined): Templates['email'] {
  return (name, locale, data) => {
    const slug = slugOf(data);
    const hers = own?.bySlug.get(slug);
    if (own === undefined || hers === undefined) return composeEmail(ours, name, locale, data);
    try {
      return withWayOut(composeEmail(hers, name, locale, data), data);
    } catch (error) {
      own.onTrouble(slug, name, error);
      return composeEmail(ours, name, locale, data);
    }
  };
}

/** Empty in mails that are about no publication. */
function slugOf({ publication }: TemplateData): string {
  return (publication as { slug: string } | undefined)?.slug ?? '';
}

/** Mails that readers can end with a link have it in both parts, whoever wrote the template. */
function withWayOut(mail: RenderedEmail, { unsubscribeUrl }: TemplateData): RenderedEmail {
  const link = typeof unsubscribeUrl === 'string' ? unsubscribeUrl : '';
  if (!mail.html.includes(link) || !mail.text.includes(link))
    throw new Error('The unsubscribe link is not in both parts.');
  return mail;
}

function required(names: Map<string, string>, file: string): string {
  const name = names.get(file);
  if (name === undefined) throw new Error(`No asset called ${file}`);
  return name;
}
