import { inline } from '@css-inline/css-inline';
import { accentFor, type Accent } from './accent-colour.js';
import type { RenderTemplate, TemplateData } from './liquid-engine.js';

export type RenderedEmail = { subject: string; html: string; text: string };

/** The same templates twice, once for HTML and once for plain text, and the style sheet that is written onto the first. */
export type EmailEngines = { html: RenderTemplate; plain: RenderTemplate; css: string };

/** A mail in both forms, in the look of its publication. */
export function renderEmail(
  { html, plain, css }: EmailEngines,
  name: string,
  locale: string,
  data: TemplateData,
): RenderedEmail {
  const look = publicationGlobals(data);
  const subject = toSingleLine(plain(`emails/${name}/subject`, locale, data, look));
  const words = { ...data, subject };
  const page = html(`emails/${name}/html`, locale, words, look);
  const text = plain(`emails/${name}/text`, locale, words, look);
  return {
    subject,
    html: inlineStyles(page, css, look.accent),
    text: wrapText(removeControlCharacters(text)),
  };
}

/** A header is one line: anything that could start another becomes a space. */
export function toSingleLine(text: string): string {
  return replaceLoneSurrogates(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

/** What every template of a mail can use: the colour, and the language its articles are written in. */
function publicationGlobals({ publication }: TemplateData): { accent: Accent; articleLocale: string } {
  const { accent, locale = '' } = (publication ?? {}) as { accent?: string | null; locale?: string };
  return { accent: accentFor(accent), articleLocale: locale };
}

/** Style blocks marked data-css-inline="ignore" stay (dark mode, phones); the rest is written onto the elements. */
function inlineStyles(html: string, css: string, accent: Accent): string {
  const extraCss = css.replaceAll('var(--accent)', accent.light);
  const options = { extraCss, loadRemoteStylesheets: false, keepStyleTags: true };
  return inline(removeControlCharacters(html), options).replace(/\n\s*\n+/g, '\n');
}

/** Control characters are never meant, and some (U+0092) make Gmail clip a mail. Tabs and line ends stay. */
function removeControlCharacters(text: string): string {
  // eslint-disable-next-line no-control-regex
  return replaceLoneSurrogates(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** Half of a surrogate pair cannot be written as UTF-8. */
function replaceLoneSurrogates(text: string): string {
  return text.replace(/\p{Cs}/gu, '\uFFFD');
}

/** A command is copied whole: of one in two lines, a shell would run the first. */
const COMMAND_LINE = /^npx paperround /;

/** Plain text in lines of 72 characters where spaces allow it: neither an address nor a command is broken. */
function wrapText(text: string): string {
  const lines = text.split('\n').map((line) => (COMMAND_LINE.test(line) ? line : wrapLine(line.trimEnd())));
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** What is set in, or is one of a list, stays so where it is broken. */
function wrapLine(line: string): string {
  const lead = /^ *(?:- )?/.exec(line)?.[0] ?? '';
  const lines = [''];
  for (const word of line.slice(lead.length).split(' ')) {
    const last = lines.length - 1;
    const longer = lines[last] ? `${lines[last]} ${word}` : word;
    if (estimateWidth(lead + longer) > 72 && lines[last]) lines.push(word);
    else lines[last] = longer;
  }
  return lead + lines.join(`\n${' '.repeat(lead.length)}`);
}

/** What fills a slot is longer than its name: an address, a date. */
function estimateWidth(line: string): number {
  return line.replace(/\uE000\w+\uE001/g, '_'.repeat(28)).length;
}
