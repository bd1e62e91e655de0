import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toSafeHtml, toSafeLine } from '../text/safe-text.js';
import { renderEmail, type EmailEngines, type RenderedEmail } from './render-email.js';
import { type Embed, readEmbedBuilds } from './embed-builds.js';
import { loadTranslations, type Translations } from '../text/translations.js';
import { readCustomTemplates, type CustomTemplates } from './custom-templates.js';
import { createLiquidEngine, type TemplateData } from './liquid-engine.js';
import { type Asset, readAssets, readTemplates } from './files.js';

export type { RenderedEmail } from './render-email.js';
export type { TemplateData } from './liquid-engine.js';

export type Templates = {
  /** A whole page as HTML: `templates/pages/<name>.liquid`. */
  page(name: string, locale: string, data: TemplateData): string;
  /**
   * A mail in both forms: `templates/emails/<name>/{subject,html,text}.liquid`, or its publication's custom ones. Values
   * between U+E000 and U+E001 are placeholders that the caller fills; they come out exactly as they went in.
   */
  email(name: string, locale: string, data: TemplateData): RenderedEmail;
  /** A template as unescaped text in one line: the wording that a reader saw, to be stored with her consent. */
  line(name: string, locale: string, data: TemplateData): string;
  /** A translation by its key, for texts that a route passes to a page. */
  t: Translations['t'];
  /** What operators read about a code, wherever they read it. */
  operatorWords: Translations['operatorWords'];
  /** The closest language that has translations, for dates and lists beside them. */
  resolveLocale: Translations['resolveLocale'];
  /** Languages that have translations, as tags. */
  languages: Translations['languages'];
  /** `paperround.css` -> `/assets/paperround-<hash>.css`, below the base path. Throws for a file we do not have. */
  assetPath(file: string): string;
  /** The files of `/assets/<name>`, by name. */
  assets: Map<string, Asset>;
  /** The newest build of the embedded form. */
  embed: Embed;
};

/**
 * Reads templates, translations and assets into memory. Rendering throws for an undefined variable, and for a template of ours
 * that does not parse. In every template `base` is the base path, which stands in front of each path of ours.
 * @throws UserFacingError for a custom template that does not parse
 */
export function createTemplates({
  dir,
  custom,
  basePath = '',
}: {
  dir: string;
  custom?: CustomTemplates;
  basePath?: string;
}): Templates {
  const words = loadTranslations(join(dir, 'locales'));
  const { assets, names } = readAssets(join(dir, 'assets'));
  const embed = readEmbedBuilds(join(dir, 'embed'));
  const assetPath = (file: string) => `${basePath}/assets/${requireAssetName(names, file)}`;
  const sources = readTemplates(dir);
  const languageOf = (locale: string, data: TemplateData) => words.resolveLocale(locale, ownLocale(data));
  const engine = { words, assetPath, basePath };
  const html = createLiquidEngine(sources, { ...engine, escaping: true });
  const plain = createLiquidEngine(sources, { ...engine, escaping: false });
  const css = readFileSync(join(dir, 'emails', 'mail.css'), 'utf8');
  const email = createEmailRenderer(
    { html, plain, css },
    custom && {
      onFailure: custom.onFailure,
      bySlug: readCustomTemplates(custom.dir, { sources, css, engine }),
    },
  );
  return {
    page: (name, locale, data) => toSafeHtml(html(`pages/${name}`, languageOf(locale, data), data)),
    email: (name, locale, data) => email(name, languageOf(locale, data), data),
    line: (name, locale, data) => toSafeLine(plain(name, languageOf(locale, data), data)),
    t: words.t,
    operatorWords: words.operatorWords,
    resolveLocale: words.resolveLocale,
    languages: words.languages,
    assetPath,
    assets: new Map([...assets, ...embed.assets]),
    embed: embed.embed,
  };
}

/**
 * Renders a mail by its publication's custom templates; if that fails, by the built-in ones, so that readers get their
 * mail.
 */
function createEmailRenderer(
  builtIn: EmailEngines,
  custom: { bySlug: Map<string, EmailEngines>; onFailure: CustomTemplates['onFailure'] } | undefined,
): Templates['email'] {
  return (name, locale, data) => {
    const slug = publicationSlug(data);
    const engines = custom?.bySlug.get(slug);
    if (custom === undefined || engines === undefined) return renderEmail(builtIn, name, locale, data);
    try {
      return requireUnsubscribeLink(renderEmail(engines, name, locale, data), data);
    } catch (error) {
      custom.onFailure(slug, name, error);
      return renderEmail(builtIn, name, locale, data);
    }
  };
}

/** Empty for a mail that is about no publication. */
function publicationSlug({ publication }: TemplateData): string {
  return (publication as { slug: string } | undefined)?.slug ?? '';
}

/**
 * Checks that a mail with an unsubscribe link has it in both parts, which a custom template may lack.
 * @throws when it does not
 */
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

/** Of the newsletter that a page or mail is about: a reader whose language we lack gets this one. */
function ownLocale({ publication }: TemplateData): string | undefined {
  return ((publication ?? {}) as { locale?: string }).locale;
}
