import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inline } from '@css-inline/css-inline';
import { Liquid } from 'liquidjs';
import { direction, loadWords, type Words } from './locales.js';
import { registerFilters } from './template-filters.js';
import { type Asset, readAssets, readTemplates } from './template-files.js';

export type TemplateData = Record<string, unknown>;
export type RenderedEmail = { subject: string; html: string; text: string };

export type Templates = {
  /** A whole page as HTML: `templates/pages/<name>.liquid`. */
  page(name: string, locale: string, data: TemplateData): string;
  /**
   * A mail in both forms: `templates/emails/<name>/{subject,html,text}.liquid`. Values between U+E000 and U+E001
   * are the caller's slots; they come out exactly as they went in.
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
};

/**
 * Words and looks, read into memory once from the templates folder; a template that does not parse stops the
 * start. A variable that the caller forgot throws when rendered.
 */
export function createTemplates({ dir }: { dir: string }): Templates {
  const words = loadWords(join(dir, 'locales'));
  const { assets, names } = readAssets(join(dir, 'assets'));
  const assetPath = (file: string) => `/assets/${required(names, file)}`;
  const sources = readTemplates(dir);
  const html = engine(sources, { words, assetPath, escaping: true });
  const plain = engine(sources, { words, assetPath, escaping: false });
  const mailCss = readFileSync(join(dir, 'emails', 'mail.css'), 'utf8');
  return {
    page: (name, locale, data) => html(`pages/${name}`, words.resolve(locale), data),
    email: (name, locale, data) => composeEmail({ html, plain, mailCss }, name, words.resolve(locale), data),
    sentence: (name, locale, data) => oneLine(plain(name, words.resolve(locale), data)),
    t: words.t,
    resolve: words.resolve,
    assetPath,
    assets,
  };
}

type Render = (name: string, locale: string, data: TemplateData) => string;
type EngineOptions = { words: Words; assetPath: (file: string) => string; escaping: boolean };

function engine(templates: Record<string, string>, { words, assetPath, escaping }: EngineOptions): Render {
  const liquid = new Liquid({
    templates,
    cache: true,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    parseLimit: 1_000_000,
    renderLimit: 5_000,
    memoryLimit: 100_000_000,
    ...(escaping ? { outputEscape: 'escape' as const } : {}),
  });
  registerFilters(liquid, { words, assetPath });
  for (const name of Object.keys(templates)) liquid.parseFileSync(name);
  return (name, locale, data) =>
    String(liquid.renderFileSync(name, data, { globals: { locale, dir: direction(locale) } }));
}

type MailTools = { html: Render; plain: Render; mailCss: string };

function composeEmail(tools: MailTools, name: string, locale: string, data: TemplateData): RenderedEmail {
  const subject = oneLine(tools.plain(`emails/${name}/subject`, locale, data));
  const html = tools.html(`emails/${name}/html`, locale, { ...data, subject });
  const text = tools.plain(`emails/${name}/text`, locale, { ...data, subject });
  return { subject, html: inlineStyles(html, tools.mailCss), text: wrapText(withoutControls(text)) };
}

/** Style blocks marked data-css-inline="ignore" stay (dark mode, phones); the rest is written onto the elements. */
function inlineStyles(html: string, extraCss: string): string {
  const options = { extraCss, loadRemoteStylesheets: false, keepStyleTags: true };
  return inline(withoutControls(html), options).replace(/\n\s*\n+/g, '\n');
}

/** Control characters are never meant, and some (U+0092) make Gmail clip a mail. Tabs and line ends stay. */
function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex
  return wellFormed(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** A header is one line: anything that could start another becomes a space. */
function oneLine(text: string): string {
  return wellFormed(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

/** Half of a surrogate pair cannot be written as UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\uFFFD');
}

/** Plain text in lines of 72 characters where spaces allow it: an address is never broken. */
function wrapText(text: string): string {
  const lines = text.split('\n').map((line) => wrapLine(line.trimEnd()));
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

function wrapLine(line: string): string {
  const lines = [''];
  for (const word of line.split(' ')) {
    const last = lines.length - 1;
    const longer = lines[last] ? `${lines[last]} ${word}` : word;
    if (longer.length > 72 && lines[last]) lines.push(word);
    else lines[last] = longer;
  }
  return lines.join('\n');
}

function required(names: Map<string, string>, file: string): string {
  const name = names.get(file);
  if (name === undefined) throw new Error(`No asset called ${file}`);
  return name;
}
