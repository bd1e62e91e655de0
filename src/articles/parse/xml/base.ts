import { nestedBase } from '../../clean/absolute-url.js';
import type { XmlNode } from './node.js';

/**
 * What the relative links in an element are resolved against: the xml:base of the element and of those around it, each
 * relative to the next (XML Base section 4). Undefined when none says anything; the outermost is relative to `document`.
 */
export function xmlBaseOf(node: XmlNode | undefined, document: string | undefined): string | undefined {
  if (node === undefined) return undefined;
  const own = node.attributes['xml:base']?.trim() ?? '';
  const wider = xmlBaseOf(node.parent, document);
  // An empty base, or a fragment alone, is a reference to the feed itself: no page has its pictures there.
  if (own === '' || own.startsWith('#')) return wider;
  return nestedBase(own, wider ?? document);
}

/** The language of an element: its own xml:lang or that around it. */
export function languageOf(node: XmlNode | undefined): string | undefined {
  return node && (node.attributes['xml:lang'] ?? languageOf(node.parent));
}
