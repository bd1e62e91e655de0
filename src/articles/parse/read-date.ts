import type { ClockTime } from './clock-zone.js';
import { parseFeedDate } from './parse-date.js';
import { childrenOf, textOf, type XmlNode } from './xml/node.js';

/** The first of these children, in this order, whose words are a date. */
export function readDate(node: XmlNode, ...names: string[]): ClockTime | undefined {
  for (const name of names) {
    for (const child of childrenOf(node, name)) {
      const date = parseFeedDate(textOf(child));
      if (date !== undefined) return date;
    }
  }
  return undefined;
}
