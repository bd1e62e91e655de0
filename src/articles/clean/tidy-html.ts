/**
 * The last touch on sanitised HTML, where `<` only ever opens a tag and no attribute holds `>`: headings start at h3,
 * empty elements, runs of line breaks and the footers that WordPress puts under every article go.
 */
export function tidyHtml(html: string): string {
  return removeEmptyElements(
    shiftHeadings(html)
      .replace(/<\/?span>/g, '')
      .replace(SYNDICATION_FOOTERS, '')
      .replace(SHARE_LABELS, '')
      .replace(SIGN_UP_BUTTONS, ''),
  )
    .replace(/(?:<br \/>\s*){3,}/g, '<br /><br />')
    .trim();
}

/** WordPress: "The post X appeared first on Y.", or older words; Medium: "X was originally published in Y on Medium, …". */
const SYNDICATION_FOOTERS =
  /(?:<hr \/>\s*)?<p>(?:The post |This post |This article )?(?:<a [^>]*>[^<]*<\/a>|<em>[^<]*<\/em>) (?:(?:first appeared|appeared first|originally appeared) on <a [^>]*>[^<]*<\/a>\.?|was originally published in (?:<a [^>]*>)?(?:<em>)?[^<]{1,200}(?:<\/em>)?(?:<\/a>)? on Medium, where people are continuing the conversation by highlighting and responding to this story\.)\s*<\/p>/g;

/** What is left of share bars and sign-up boxes when their classes did not give them away. */
const SHARE_LABELS =
  /<(p|div|h[3-6])>(?:<(?:strong|b|em)>)?(?:Share this(?: post| article| story)?:?|Like this:|Like Loading(?:…|\.{3})|Discover more from [^<>]{1,120}|Subscribe to get the latest posts (?:sent )?to your email\.?|Subscribe now to keep reading and get access to the full archive\.?|Thanks for reading[^<>]{0,120}[.!] Subscribe for free to receive new posts and support my work\.?)(?:<\/(?:strong|b|em)>)?<\/\1>/g;

/** Ghost's and Substack's buttons that open a sign-up, on a line of their own. */
const SIGN_UP_BUTTONS =
  /<(p|div)><a href="[^"]{0,500}(?:#\/portal\b|\.substack\.com\/subscribe\b)[^"]{0,500}"[^>]*>[^<]*<\/a><\/\1>/g;

const EMPTY_ELEMENT =
  /<(p|div|a|abbr|b|blockquote|cite|code|del|em|figure|figcaption|h[3-6]|i|ins|kbd|li|mark|ol|pre|q|s|small|strong|sub|sup|u|ul|var)(?: [^>]*)?>(?:\s|<br \/>)*<\/\1>/g;

/** An element around nothing but empty elements is empty too. */
function removeEmptyElements(html: string): string {
  const left = html.replace(EMPTY_ELEMENT, '');
  return left === html ? html : removeEmptyElements(left);
}

/** Digest titles are h2, so the article's own outline moves down as one and keeps its steps. */
function shiftHeadings(html: string): string {
  const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map((match) => Number(match[1]));
  const shift = Math.max(0, 3 - levels.reduce((least, level) => Math.min(least, level), 6));
  if (shift === 0) return html;
  return html.replace(/(<\/?h)([1-6])(?=[ >])/g, (_, tag: string, level: string) => {
    return `${tag}${Math.min(6, Number(level) + shift)}`;
  });
}
