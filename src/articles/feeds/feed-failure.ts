import type { ParseFailure } from '../parse/parse-feed.js';
import type { FetchFailure, FetchRefusal } from '../../platform/fetch/fetch-failure.js';

/**
 * Why a feed could not be read: what the column `feeds.failure` holds, as JSON. An operator reads it in the words of
 * `describe-feed-failure.ts`.
 */
export type FeedFailure =
  | FetchFailure
  | FetchRefusal
  | { code: 'gone' }
  /** It was read, and storing it failed here; or only some of its items could not be stored. */
  | { code: 'not-processed' }
  | { code: 'items-not-stored'; count: number }
  | (ParseFailure & { linkedFeeds?: LinkedFeeds })
  /** A sentence that was stored before there were codes, and that no code fits. */
  | { code: 'other'; words: string };

/** Why none of the feeds that a page names is followed instead of it. */
export type LinkedFeeds = { kind: 'followed' } | { kind: 'followed-before'; url: string };
