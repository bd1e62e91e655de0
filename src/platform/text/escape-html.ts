/** Escapes text for HTML content, and for attributes in single or double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Control codes but for white space, and noncharacters. */
const FORBIDDEN = /[^\P{Cc}\t\n\f\r]|\p{Noncharacter_Code_Point}/gu;

/** A document without what HTML forbids in one (HTML Standard, section 13.2.3.5): U+FFFD stands in its place. */
export function replaceForbidden(html: string): string {
  return html.replace(FORBIDDEN, '\uFFFD');
}
