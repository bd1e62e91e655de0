import { decodeEntities } from './decode-entities.js';
import type { DtdEntities } from './dtd-entities.js';

export type XmlToken =
  | { kind: 'text'; text: string }
  | { kind: 'start'; name: string; attributes: Record<string, string>; closed: boolean }
  | { kind: 'end'; name: string };

const NAME = /[a-z_][\w.:-]*(?=[\s/>]|$)/iy;
const ATTRIBUTE = /[\s/"']*([^\s=<>"'/]+)(?:\s*=\s*(?:"([^"<]*)"|'([^'<]*)'|([^\s"'<>]+)))?/y;
const TAG_END = /[^<>]*>?/y;
const NO_ATTRIBUTES: Record<string, string> = {};

/**
 * The tokens of XML as feeds write it, in linear time: brackets and ampersands that mean themselves are text,
 * attributes may lack quotes, comments, instructions and DTDs are passed over. Nothing is an error. `own` are entities
 * that the feed declared.
 */
export function* tokeniseXml(xml: string, own?: DtdEntities): Generator<XmlToken> {
  const scan: ScanState = { xml, entities: own, missing: new Set() };
  let at = 0;
  while (at < xml.length) {
    const bracket = xml.indexOf('<', at);
    if (bracket !== at) yield textToken(scan, xml.slice(at, bracket < 0 ? xml.length : bracket));
    if (bracket < 0) return;
    const [token, next] = readMarkup(scan, bracket);
    if (token) yield token;
    at = next;
  }
}

function textToken({ entities }: ScanState, raw: string): XmlToken {
  return { kind: 'text', text: decodeEntities(raw, entities) };
}

type ReadToken = [XmlToken | undefined, number];

/** `missing` are the marks that were looked for in vain: nobody searches to the end of 5 MB twice. */
type ScanState = { xml: string; entities: DtdEntities | undefined; missing: Set<string> };

function readMarkup(scan: ScanState, at: number): ReadToken {
  const { xml } = scan;
  const next = xml[at + 1];
  if (next === '!') return readDeclaration(scan, at);
  if (next === '?') return [undefined, findAfter(scan, '?>', at) ?? findAfter(scan, '>', at) ?? xml.length];
  const closing = next === '/';
  NAME.lastIndex = at + (closing ? 2 : 1);
  const name = NAME.exec(xml)?.[0].toLowerCase();
  if (name === undefined) return [{ kind: 'text', text: '<' }, at + 1];
  if (!closing) return readStart(scan, name, NAME.lastIndex);
  return [{ kind: 'end', name }, tagEnd(xml, NAME.lastIndex)];
}

function readDeclaration(scan: ScanState, at: number): ReadToken {
  const { xml } = scan;
  if (xml.startsWith('<![CDATA[', at)) {
    const end = xml.indexOf(']]>', at);
    const inside = xml.slice(at + 9, end < 0 ? xml.length : end);
    return [{ kind: 'text', text: inside }, end < 0 ? xml.length : end + 3];
  }
  // No declaration begins so: the bracket means itself.
  if (!/[a-z[-]/i.test(xml[at + 2] ?? '')) return [{ kind: 'text', text: '<' }, at + 1];
  // A comment that nobody ends is a comment to the end of its line.
  const comment = xml.startsWith('<!--', at);
  const end = comment ? (findAfter(scan, '-->', at) ?? findAfter(scan, '\n', at)) : tagEnd(xml, at + 2);
  return [undefined, end ?? xml.length];
}

function readStart({ xml, entities }: ScanState, name: string, from: number): ReadToken {
  let attributes = NO_ATTRIBUTES;
  let at = from;
  ATTRIBUTE.lastIndex = at;
  for (let found = ATTRIBUTE.exec(xml); found; found = ATTRIBUTE.exec(xml)) {
    const [, key = '', double, single, bare = ''] = found;
    if (attributes === NO_ATTRIBUTES) attributes = {};
    attributes[key.toLowerCase()] ??= decodeEntities(double ?? single ?? bare, entities);
    at = ATTRIBUTE.lastIndex;
  }
  const end = tagEnd(xml, at);
  // An address without quotes may end in a slash of its own.
  return [{ kind: 'start', name, attributes, closed: /\/\s*>$/.test(xml.slice(at, end)) }, end];
}

function tagEnd(xml: string, from: number): number {
  TAG_END.lastIndex = from;
  TAG_END.exec(xml);
  return TAG_END.lastIndex;
}

function findAfter({ xml, missing }: ScanState, mark: string, from: number): number | undefined {
  const found = missing.has(mark) ? -1 : xml.indexOf(mark, from);
  if (found >= 0) return found + mark.length;
  missing.add(mark);
  return undefined;
}
