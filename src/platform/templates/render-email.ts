import { inline } from '@css-inline/css-inline';
import { accentFor, type Accent } from './accent-colour.js';
import { textDirection } from '../text/direction.js';
import { resolveDirections } from '../text/resolve-directions.js';
import { toSafeHtml, toSafeLine, toSafeText } from '../text/safe-text.js';
import { removeInlinedClasses, trimStyleSheet } from './trim-styles.js';
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

/** The style sheet of the head: for dark mode and phones, and `trim` if it may lose what is for nothing in the mail. */
const KEPT_SHEET = /<style data-css-inline="ignore"( data-trim="")?>([^<]*)/g;

/** Inlines a style sheet. Style blocks with data-css-inline="ignore" stay, without what nothing in the mail needs. */
function inlineStyles(html: string, css: string, accent: Accent): string {
  const extraCss = css.replaceAll('var(--accent)', accent.light);
  const options = { extraCss, loadRemoteStylesheets: false, keepStyleTags: true, minifyCss: true };
  // Some control characters (U+0092) make Gmail clip a mail.
  const page = inline(toSafeHtml(html), options).replace(/\n\s*\n+/g, '\n');
  const styled = page.replace(KEPT_SHEET, (_, trim: string | undefined, sheet: string) => {
    const minified = minifyStyleSheet(sheet);
    return `<style>${trim === undefined ? minified : trimStyleSheet(minified, page)}`;
  });
  return removeInlinedClasses(styled, { inlined: css, kept: sheetsOf(styled) });
}

function sheetsOf(html: string): string {
  return Array.from(html.matchAll(/<style[^>]*>([^<]*)/g), ([, sheet]) => sheet).join('');
}

/** Without the blanks that no browser needs: they are in every mail. */
function minifyStyleSheet(css: string): string {
  return css
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};:,!]) ?/g, '$1')
    .replaceAll(';}', '}')
    .trim();
}
