/** Escapes text for HTML content, and for attributes in single or double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Control codes but for white space, and noncharacters. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/g;

/** A document without what HTML forbids in one (HTML Standard, section 13.2.3.5): U+FFFD stands in its place. */
export function replaceForbidden(html: string): string {
  return html.replace(FORBIDDEN, '\uFFFD');
}
