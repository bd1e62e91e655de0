import { inline } from '@css-inline/css-inline';
import { accentFor, type Accent } from './accent-colour.js';
import { textDirection } from '../text/direction.js';
import { resolveDirections } from '../text/resolve-directions.js';
import { toSafeHtml, toSafeLine, toSafeText } from '../text/safe-text.js';
import { wrapPlainText } from './wrap-plain-text.js';
import type { RenderTemplate, TemplateData } from './liquid-engine.js';

export type RenderedEmail = { subject: string; html: string; text: string };

/** Two engines for one set of templates: `html` escapes values, `plain` does not. `css` is inlined into the HTML. */
export type EmailEngines = { html: RenderTemplate; plain: RenderTemplate; css: string };

/** Renders a mail as HTML and as plain text, in its publication's colour. */
export function renderEmail(
  { html, plain, css }: EmailEngines,
  name: string,
  locale: string,
  data: TemplateData,
): RenderedEmail {
  const globals = publicationGlobals(data);
  const subject = toSafeLine(plain(`emails/${name}/subject`, locale, data, globals));
  const withSubject = { ...data, subject };
  const page = html(`emails/${name}/html`, locale, withSubject, globals);
  const text = plain(`emails/${name}/text`, locale, withSubject, globals);
  return {
    subject,
    html: inlineStyles(resolveDirections(page, textDirection(locale)), css, globals.accent),
    text: wrapPlainText(toSafeText(text)),
  };
}

/** Variables of every mail: the accent colour, and the language of its articles. */
function publicationGlobals({ publication }: TemplateData): { accent: Accent; articleLocale: string } {
  const { accent, locale = '' } = (publication ?? {}) as { accent?: string | null; locale?: string };
  return { accent: accentFor(accent), articleLocale: locale };
}

/** Inlines the style sheet. Style blocks with data-css-inline="ignore" stay, for dark mode and phones. */
function inlineStyles(html: string, css: string, accent: Accent): string {
  const extraCss = css.replaceAll('var(--accent)', accent.light);
  const options = { extraCss, loadRemoteStylesheets: false, keepStyleTags: true, minifyCss: true };
  // Some control characters (U+0092) make Gmail clip a mail.
  return inline(toSafeHtml(html), options)
    .replace(/\n\s*\n+/g, '\n')
    .replace(
      /<style data-css-inline="ignore">([^<]*)/g,
      (_, sheet: string) => `<style>${minifyStyleSheet(sheet)}`,
    );
}

/** Without the blanks that no browser needs: they are in every mail. */
function minifyStyleSheet(css: string): string {
  return css
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};:,!]) ?/g, '$1')
    .replaceAll(';}', '}')
    .trim();
}
