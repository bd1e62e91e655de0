import type { ClockTime } from './clock-zone.js';
import type { Markup } from './markup.js';

/** One item of a feed, safe to store and show. `summary` is plain text of at most 300 UTF-16 units. */
export type FeedItem = {
  /** The same on every poll: the feed's own id, else the link, else a hash of title and content. */
  externalId: string;
  /** It has no id of its own: its page stands for one. */
  idIsUrl?: boolean;
  url: string | undefined;
  /** It has a relative link, its own or one in its text, and there is nothing to resolve it against. */
  hasStrayLink?: boolean;
  title: string;
  summary: string;
  contentHtml: string;
  authors: string[];
  image: string | undefined;
  categories: string[];
  publishedAt: Date | undefined;
  /**
   * How the feed names the time zone of `publishedAt` where nobody can tell what it means; '' where it names none. Then the
   * date may be off by hours: see `arrivalDate`.
   */
  unsureZone?: string;
  /** `publishedAt` is the beginning of a day of which the feed tells no hour. */
  isDayOnly?: boolean;
  updatedAt: Date | undefined;
  /** WordPress keeps it from the public. */
  isProtected?: boolean;
};

/** Items are in the order of the feed. */
export type ParsedFeed = {
  title: string | undefined;
  siteUrl: string | undefined;
  description: string | undefined;
  language: string | undefined;
  /** Where it may be subscribed to (W3C WebSub), and the address it calls its own. */
  hub: string | undefined;
  self: string | undefined;
  items: FeedItem[];
};

/** What the reader of one format hands over: words as the feed has them, links still relative to `linkBase`. */
export type RawItem = {
  id: string | undefined;
  link: string | undefined;
  /** The link as the feed has it. */
  givenLink: string | undefined;
  linkBase: string | undefined;
  title: Markup | undefined;
  summary: Markup | undefined;
  content: Markup | undefined;
  /** An xml:base in scope of the content; without one its links are relative to the article's own page. */
  contentBase: string | undefined;
  authors: (string | undefined)[];
  /** Best first. */
  images: (string | undefined)[];
  categories: (string | undefined)[];
  published: ClockTime | undefined;
  updated: ClockTime | undefined;
};

export type RawFeed = {
  title: Markup | undefined;
  siteUrl: string | undefined;
  description: Markup | undefined;
  language: string | undefined;
  hub: string | undefined;
  self: string | undefined;
  items: RawItem[];
};
