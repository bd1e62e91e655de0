import { Marked } from 'marked';
import { plainText } from '../../articles/clean/excerpt.js';
import { sanitiseHtml } from '../../articles/clean/sanitise.js';
import { escapeHtml } from '../../platform/text/escape-html.js';
import { articleText } from './article-text.js';

/** An operator's words, as the two parts of a mail and the archive show them. */
export type EditorNote = {
  html: string;
  text: string;
  /** In one line and without addresses: where there is room for its beginning only. */
  line: string;
};

/** A single line break stays one, as people type them; what looks like HTML is words, so that none of them is lost. */
const markdown = new Marked({
  async: false,
  breaks: true,
  gfm: true,
  renderer: { html: ({ text }) => escapeHtml(text) },
});

/**
 * Reads a note's Markdown (CommonMark with GitHub's extensions, without HTML). What comes out may be what a feed's article
 * is made of, and nothing else.
 */
export function renderEditorNote(words: string): EditorNote {
  const html = sanitiseHtml(markdown.parse(words, { async: false }), undefined);
  return { html, text: articleText(html), line: plainText(html) };
}
