const ROOT = /<(?:[\w-]+:)?(?:rss|feed|rdf)(?=[\s>])/i;
/** Of RSS 1.1 and of the channel definition format. */
const CHANNEL = /<(?:[\w-]+:)?channel(?=[\s>])/i;
/** An article that is a document of its own (RFC 4287 section 2). */
const LONE_ARTICLE = /^<(?:[\w-]+:)?(?:entry|item)(?=[\s>])/i;

/**
 * The XML from its root element on, clean of control characters. What came before (a byte order mark, warnings of a
 * script, comments, a DOCTYPE with entities) is of no use and some of it is dangerous (OWASP, XML External Entity
 * Prevention). Undefined without a root.
 */
export function trimToRoot(xml: string): string | undefined {
  const text = xml.replace(/(?![\t\n\r\u0080-\u009f])\p{Cc}/gu, '');
  const from = prologOf(text).length;
  const rest = text.slice(from);
  const root = LONE_ARTICLE.exec(rest) ?? ROOT.exec(rest) ?? CHANNEL.exec(rest);
  return root ? rest.slice(root.index) : undefined;
}

/** Is there anything before the root that a feed may not begin with? */
export function hasPreamble(text: string): boolean {
  return text.slice(prologOf(text).length).search(ROOT) > 0;
}

/** What stands before the root by right: declaration, comments, a DOCTYPE with what it declares. */
export function prologOf(text: string): string {
  const prolog =
    /^(?:\s|\ufeff|<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^[\]<>]{0,1000}(?:\[[^\]]*\]\s{0,100})?>)*/i;
  return prolog.exec(text)?.[0] ?? '';
}
