const TAG = /<(\/?)([a-z][a-z\d]*)\b[^>]*>/gi;
const VOID_TAGS = new Set(['br', 'hr', 'img', 'wbr', 'col']);

/**
 * The beginning of an article, up to the last block that ends within `maxLength` UTF-16 units.
 * @param html well-formed, as the sanitiser leaves it; empty when not even its first block fits
 */
export function cutBlocks(html: string, maxLength: number): string {
  if (html.length <= maxLength) return html;
  let depth = 0;
  let end = 0;
  for (const { 0: tag, 1: closing, 2: name = '', index } of html.matchAll(TAG)) {
    if (index + tag.length > maxLength) break;
    if (VOID_TAGS.has(name.toLowerCase())) continue;
    depth += closing === '/' ? -1 : 1;
    if (depth === 0) end = index + tag.length;
  }
  return html.slice(0, end);
}
