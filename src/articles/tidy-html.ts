/**
 * The last touch on sanitised HTML, where `<` only ever opens a tag and no attribute holds `>`: headings start at h3,
 * empty elements, runs of line breaks and the footers that WordPress puts under every article go.
 */
export function tidyHtml(html: string): string {
  return dropEmpty(
    levelHeadings(html)
      .replace(/<\/?span>/g, '')
      .replace(WORDPRESS_FOOTER, ''),
  )
    .replace(/(?:<br \/>\s*){3,}/g, '<br /><br />')
    .trim();
}

/** "The post X appeared first on Y." and the older "(…) originally appeared on", as paragraphs of their own. */
const WORDPRESS_FOOTER =
  /<p>(?:The post|This post|This article) (?:<a [^>]*>[^<]*<\/a>|<em>[^<]*<\/em>) (?:first appeared|appeared first|originally appeared) on <a [^>]*>[^<]*<\/a>\.?\s*<\/p>/g;

const EMPTY =
  /<(p|div|a|abbr|b|blockquote|cite|code|del|em|figure|figcaption|h[3-6]|i|ins|kbd|li|mark|ol|pre|q|s|small|strong|sub|sup|u|ul|var)(?: [^>]*)?>(?:\s|<br \/>)*<\/\1>/g;

/** An element around nothing but empty elements is empty too. */
function dropEmpty(html: string): string {
  const left = html.replace(EMPTY, '');
  return left === html ? html : dropEmpty(left);
}

/** Digest titles are h2, so the article's own outline moves down as one and keeps its steps. */
function levelHeadings(html: string): string {
  const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map((match) => Number(match[1]));
  const shift = Math.max(0, 3 - levels.reduce((least, level) => Math.min(least, level), 6));
  if (shift === 0) return html;
  return html.replace(/(<\/?h)([1-6])(?=[ >])/g, (_, tag: string, level: string) => {
    return `${tag}${Math.min(6, Number(level) + shift)}`;
  });
}
