/** A tag, a comment or the doctype, as HTML has them when each quote is closed. */
const MARKUP = /(<!--[^]*?-->|<\/?[a-z](?:[^"'<>]|"[^"]*"|'[^']*')*>|<!doctype[^"'<>]*>)/i;
const TAG_NAME = /^<(\/?)([a-z][^\s/>]*)/i;
/** Only a browser knows how these are read: references and blanks are not what they are elsewhere. */
const UNREAD_ELEMENTS = /^(?:script|xmp|iframe|noembed|noframes|noscript|plaintext|template|svg|math)$/;

/**
 * A piece of HTML. `name`: of a tag, in lower case, with the slash of one that closes. `inside`: for text, the element in which
 * blanks and references are something else than in a paragraph.
 */
export type HtmlToken =
  | { kind: 'tag'; source: string; name: string }
  | { kind: 'comment'; source: string }
  | { kind: 'text'; source: string; inside: 'style' | 'pre' | 'textarea' | undefined };

/** Splits HTML into its tags and what is between them; undefined when that takes a browser. */
export function readHtmlTokens(html: string): HtmlToken[] | undefined {
  const tokens: HtmlToken[] = [];
  let inside: 'style' | 'pre' | 'textarea' | undefined;
  for (const [at, source] of html.split(MARKUP).entries()) {
    if (source === '') continue;
    if (at % 2 === 0) {
      if (/<[a-z/!?]/i.test(source)) return undefined;
      tokens.push({ kind: 'text', source, inside });
      continue;
    }
    const [, slash = '', word] = TAG_NAME.exec(source) ?? [];
    if (word === undefined) {
      tokens.push({ kind: 'comment', source });
      continue;
    }
    const name = word.toLowerCase();
    if (UNREAD_ELEMENTS.test(name)) return undefined;
    if (inside === undefined && slash === '' && isVerbatim(name)) inside = name;
    else if (inside === name && slash === '/') inside = undefined;
    else if (inside !== undefined && inside !== 'pre') return undefined;
    tokens.push({ kind: 'tag', source, name: slash + name });
  }
  return inside === undefined ? tokens : undefined;
}

function isVerbatim(name: string): name is 'style' | 'pre' | 'textarea' {
  return name === 'style' || name === 'pre' || name === 'textarea';
}
