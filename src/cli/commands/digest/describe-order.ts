import type { Forecast } from '../../../deliveries/plan/forecast.js';
import { countNoun } from '../../../platform/text/count-noun.js';
import { countReaders } from './count-readers.js';

export type DescribedOrder = {
  /** The publication's. */
  name: string;
  order: { articleIds: string[] | null; again: boolean };
  forecast: Forecast;
  /** Of the forecast's articles. */
  titles: readonly string[];
  /** When it is to go, in words; undefined: now. */
  when: string | undefined;
};

const MAX_TITLES = 3;

/** What an order of a digest will do, as the question that is asked before. */
export function describeOrder(described: DescribedOrder): string {
  const { name, order, forecast, when } = described;
  if (forecast.readers > 0) {
    const what = `Send ${describeArticles(described)} to ${describeReaders(described)}`;
    if (when === undefined) return `${what}, now?`;
    return `${what}, from ${when} on? Who gets what is worked out then; this is as of now.`;
  }
  const what = order.articleIds === null ? 'what is new then' : countNoun(order.articleIds.length, 'article');
  return `Send ${what} to readers of ${name}, from ${when ?? 'now'} on? As of now it is nobody.`;
}

function describeArticles({ order, forecast, titles }: DescribedOrder): string {
  const shown = titles.slice(0, MAX_TITLES).map((title) => `“${title}”`);
  const rest = titles.length - shown.length;
  const named = [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  const count = countNoun(forecast.articleIds.length, 'article');
  return order.articleIds === null ? `what is new to each, of ${count} (${named}),` : `${count} (${named})`;
}

function describeReaders({ name, order, forecast }: DescribedOrder): string {
  const readers = `${countReaders(forecast)} of ${name}`;
  if (order.articleIds === null) return readers;
  const [they, have] = forecast.readers === 1 ? ['she', 'has'] : ['they', 'have'];
  const them = order.articleIds.length === 1 ? 'it' : 'all of it';
  return order.again
    ? `${readers}, also if ${they} ${have} had it before`
    : `${readers} who ${have} not had ${them} before`;
}
