import { marked } from 'marked';
import { plainText } from '../articles/excerpt.js';
import { sanitiseHtml } from '../articles/sanitise.js';
import { articleText } from './article-text.js';

/** An operator's words, as the two parts of a mail and the archive show them. */
export type Note = {
  html: string;
  text: string;
  /** In one line and without addresses: where there is room for its beginning only. */
  line: string;
};

/**
 * Reads a note's Markdown (CommonMark with GitHub's extensions; a single line break stays one, as people type them).
 * Markdown lets HTML through: what comes out is what a feed's article may be made of, and nothing else.
 */
export function readNote(markdown: string): Note {
  const html = sanitiseHtml(marked.parse(markdown, { async: false, breaks: true, gfm: true }), undefined);
  return { html, text: articleText(html), line: plainText(html) };
}
