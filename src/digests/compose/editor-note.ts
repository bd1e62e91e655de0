import { Marked } from 'marked';
import { plainText } from '../../articles/clean/excerpt.js';
import { sanitiseHtml } from '../../articles/clean/sanitise.js';
import { escapeHtml } from '../../platform/text/escape-html.js';
import { articleText } from './article-text.js';

/** An operator's note, as the two parts of a mail and the archive show it. */
export type EditorNote = {
  html: string;
  text: string;
  /** In one line and without addresses, for the preheader. */
  line: string;
};

/** A single line break stays one, as people type them; what looks like HTML is shown as typed, so that nothing is lost. */
const markdown = new Marked({
  async: false,
  breaks: true,
  gfm: true,
  renderer: { html: ({ text }) => escapeHtml(text) },
});

/**
 * Renders a note's Markdown (CommonMark with GitHub's extensions, without HTML). The result is sanitised as a feed's
 * article is.
 */
export function renderEditorNote(source: string): EditorNote {
  const html = sanitiseHtml(markdown.parse(source, { async: false }), undefined);
  return { html, text: articleText(html), line: plainText(html) };
}
