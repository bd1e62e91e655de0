import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderEmail, toSingleLine, type EmailEngines, type RenderedEmail } from './render-email.js';
import { type Embed, readEmbedBuilds } from './embed-builds.js';
import { loadTranslations, type Translations } from '../text/locales.js';
import { readCustomTemplates, type CustomTemplates } from './custom-templates.js';
import { createLiquidEngine, type TemplateData } from './liquid-engine.js';
import { type Asset, readAssets, readTemplates } from './files.js';

export type { RenderedEmail } from './render-email.js';
export type { TemplateData } from './liquid-engine.js';

export type Templates = {
  /** A whole page as HTML: `templates/pages/<name>.liquid`. */
  page(name: string, locale: string, data: TemplateData): string;
  /**
   * A mail in both forms: `templates/emails/<name>/{subject,html,text}.liquid`, of its publication's own where it has
   * some. Values between U+E000 and U+E001 are the caller's slots; they come out exactly as they went in.
   */
  email(name: string, locale: string, data: TemplateData): RenderedEmail;
  /** A template as plain, unescaped text on one line: the consent sentence a reader saw, to be kept as proof. */
  line(name: string, locale: string, data: TemplateData): string;
  /** Words by key, for sentences that a route passes into a page. */
  t: Translations['t'];
  /** The language we have that comes closest: what stands between our words is written in it too. */
  resolveLocale: Translations['resolveLocale'];
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
export function createTemplates({ dir, own }: { dir: string; own?: CustomTemplates }): Templates {
  const words = loadTranslations(join(dir, 'locales'));
  const { assets, names } = readAssets(join(dir, 'assets'));
  const embed = readEmbedBuilds(join(dir, 'embed'));
  const assetPath = (file: string) => `/assets/${requireAssetName(names, file)}`;
  const sources = readTemplates(dir);
  const engine = { words, assetPath };
  const html = createLiquidEngine(sources, { ...engine, escaping: true });
  const plain = createLiquidEngine(sources, { ...engine, escaping: false });
  const css = readFileSync(join(dir, 'emails', 'mail.css'), 'utf8');
  const email = createEmailRenderer({ html, plain, css }, own && { ...own, ...loadCustomTemplates(own, { sources, css, engine }) });
  return {
    page: (name, locale, data) => html(`pages/${name}`, words.resolveLocale(locale), data),
    email: (name, locale, data) => email(name, words.resolveLocale(locale), data),
    line: (name, locale, data) => toSingleLine(plain(name, words.resolveLocale(locale), data)),
    t: words.t,
    resolveLocale: words.resolveLocale,
    assetPath,
    assets: new Map([...assets, ...embed.assets]),
    embed: embed.embed,
  };
}

type LoadedCustomTemplates = CustomTemplates & { bySlug: Map<string, EmailEngines> };

function loadCustomTemplates({ dir }: CustomTemplates, ours: Parameters<typeof readCustomTemplates>[1]) {
  return { bySlug: readCustomTemplates(dir, ours) };
}

/** A publisher's own template that fails is a fault of hers, and no reader waits for its mending: ours steps in. */
function createEmailRenderer(ours: EmailEngines, own: LoadedCustomTemplates | undefined): Templates['email'] {
  return (name, locale, data) => {
    const slug = publicationSlug(data);
    const hers = own?.bySlug.get(slug);
    if (own === undefined || hers === undefined) return renderEmail(ours, name, locale, data);
    try {
      return requireUnsubscribeLink(renderEmail(hers, name, locale, data), data);
    } catch (error) {
      own.onFailure(slug, name, error);
      return renderEmail(ours, name, locale, data);
    }
  };
}

/** Empty in mails that are about no publication. */
function publicationSlug({ publication }: TemplateData): string {
  return (publication as { slug: string } | undefined)?.slug ?? '';
}

/** Mails that readers can end with a link have it in both parts, whoever wrote the template. */
function requireUnsubscribeLink(mail: RenderedEmail, { unsubscribeUrl }: TemplateData): RenderedEmail {
  const link = typeof unsubscribeUrl === 'string' ? unsubscribeUrl : '';
  if (!mail.html.includes(link) || !mail.text.includes(link))
    throw new Error('The unsubscribe link is not in both parts.');
  return mail;
}

function requireAssetName(names: Map<string, string>, file: string): string {
  const name = names.get(file);
  if (name === undefined) throw new Error(`No asset called ${file}`);
  return name;
}
