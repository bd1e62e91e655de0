import { inline } from '@css-inline/css-inline';
import { accentFor, type Accent } from './accent-colour.js';
import { wrapPlainText } from './wrap-plain-text.js';
import type { RenderTemplate, TemplateData } from './liquid-engine.js';

export type RenderedEmail = { subject: string; html: string; text: string };

/** One set of templates as two engines: `html` escapes values, `plain` does not. `css` is written onto the elements. */
export type EmailEngines = { html: RenderTemplate; plain: RenderTemplate; css: string };

/** A mail as HTML and as plain text, in its publication's accent colour. */
export function renderEmail(
  { html, plain, css }: EmailEngines,
  name: string,
  locale: string,
  data: TemplateData,
): RenderedEmail {
  const globals = publicationGlobals(data);
  const subject = toSingleLine(plain(`emails/${name}/subject`, locale, data, globals));
  const withSubject = { ...data, subject };
  const page = html(`emails/${name}/html`, locale, withSubject, globals);
  const text = plain(`emails/${name}/text`, locale, withSubject, globals);
  return {
    subject,
    html: inlineStyles(page, css, globals.accent),
    text: wrapPlainText(removeControlCharacters(text)),
  };
}

/** A header is one line: anything that could start another becomes a space. */
export function toSingleLine(text: string): string {
  return replaceLoneSurrogates(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

/** What every template of a mail can use: the accent colour, and the language its articles are written in. */
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
