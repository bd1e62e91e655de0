import { Marked } from 'marked';
import { plainText } from '../articles/excerpt.js';
import { sanitiseHtml } from '../articles/sanitise.js';
import { escapeHtml } from '../platform/escape-html.js';
import { articleText } from './article-text.js';

/** An operator's words, as the two parts of a mail and the archive show them. */
export type Note = {
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
export function readNote(words: string): Note {
  const html = sanitiseHtml(markdown.parse(words, { async: false }), undefined);
  return { html, text: articleText(html), line: plainText(html) };
}
