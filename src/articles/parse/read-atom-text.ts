import { isUtf8 } from 'node:buffer';
import type { Markup } from './markup.js';
import { hasElements, innerHtml, textOf, type XmlNode } from './xml/node.js';

/** Words of Atom, whose `type` and, in Atom 0.3, `mode` say what they are. Undefined when they are no words at all. */
export function atomText(node: XmlNode | undefined): Markup | undefined {
  if (node === undefined) return undefined;
  const { type: named, mode } = node.attributes;
  const type = named?.trim().toLowerCase() ?? '';
  if (type === 'application/octet-stream') return decodeBinary(textOf(node));
  if (!/^(?:|text|plain|html|xhtml|escaped|text\/.*|application\/xhtml\+xml|application\/html)$/.test(type))
    return undefined;
  if (mode?.toLowerCase() === 'base64') return decodeBase64Text(textOf(node), type);
  if (/xhtml|xml/.test(type) || hasElements(node)) return nonEmpty(readXhtml(node), 'html');
  return nonEmpty(textOf(node), /html/.test(type) ? 'html' : type === '' ? 'unsure' : 'text');
}

/** The div around XHTML is not part of the words (RFC 4287 3.1.1.3). */
function readXhtml(node: XmlNode): string {
  const inside = node.children.filter((child) => typeof child !== 'string' || child.trim() !== '');
  const [only] = inside;
  const isWrapped = inside.length === 1 && typeof only === 'object' && /^(?:xhtml:)?div$/.test(only.name);
  return innerHtml(isWrapped ? only : node, 'xhtml');
}

function decodeBase64Text(text: string | undefined, type: string): Markup | undefined {
  const words = text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');
  return nonEmpty(words, /html/.test(type) ? 'html' : 'text');
}

/** Words that went as bytes, as RFC 4287 4.1.3.3 has it for types that are no text. Nothing when they are no words. */
function decodeBinary(text: string | undefined): Markup | undefined {
  const bytes = Buffer.from(text ?? '', 'base64');
  return isUtf8(bytes) && !bytes.includes(0) ? nonEmpty(bytes.toString('utf8'), 'unsure') : undefined;
}

function nonEmpty(text: string | undefined, kind: Markup['kind']): Markup | undefined {
  return text === undefined || text.trim() === '' ? undefined : { text, kind };
}
