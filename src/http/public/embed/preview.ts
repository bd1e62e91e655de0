import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { renderSnippet, type SnippetKind } from './snippet.js';
import type { Theme } from './theme.js';

export const previewKinds = ['isolated', 'plain', 'script'] as const;

/**
 * A snippet alone on a page, for the frame on the page of snippets. Its style is inline, as on a publisher's page: this
 * response's policy allows it by its hash (CSP 3, section 2.3.1), and allows our own frame.
 */
export async function showPreview(
  context: Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl'>,
  res: Response,
  publication: Publication,
  { kind, theme }: { kind: SnippetKind; theme: Theme | undefined },
): Promise<void> {
  const html = await renderSnippet(context, publication, kind, theme);
  const styles = [...html.matchAll(/<style>([^]*?)<\/style>/g)].map(
    ([, css]) => `'sha256-${sha256Base64(css ?? '')}'`,
  );
  const data = { publication, snippet: html, schemes: theme ?? 'light dark' };
  res
    .set('Content-Security-Policy', policy(styles))
    .set('X-Frame-Options', 'SAMEORIGIN')
    .set('Cache-Control', 'no-store')
    .type('html')
    .send(context.templates.page('partials/embed-preview', publication.locale, data));
}

function policy(styles: string[]): string {
  const rules = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': ["'self'", ...styles].join(' '),
    'connect-src': "'self'",
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'self'",
  };
  return Object.entries(rules)
    .map(([name, value]) => `${name} ${value}`)
    .join(';');
}

function sha256Base64(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
