import { formatDateTime } from '../../../platform/text/format-dates.js';
import { isTombstone, type Subscription } from '../../../subscribers/subscription.js';

/** A reader's state in a word, and since when. */
export function describeReaderState(reader: Subscription, timezone: string): { word: string; since: string } {
  const format = (at: Date | null) => (at === null ? '' : formatDateTime(at, timezone, 'en'));
  const { status, createdAt, confirmedAt, pausedAt, pausedUntil, unsubscribedAt } = reader;
  if (isTombstone(reader)) return { word: 'Erased', since: 'Her address and what she chose are gone.' };
  switch (status) {
    case 'pending':
      return { word: 'Waiting', since: `since ${format(createdAt)}: she has not confirmed yet` };
    case 'added':
      return {
        word: 'Added, not started',
        since: `since ${format(createdAt)}: nothing is mailed before mailing is started`,
      };
    case 'confirmed':
      return { word: 'Reading', since: `since ${format(confirmedAt ?? createdAt)}` };
    case 'paused': {
      const end = pausedUntil === null ? 'until somebody resumes her' : `until ${format(pausedUntil)}`;
      return { word: 'Paused', since: `since ${format(pausedAt)}, ${end}` };
    }
    case 'unsubscribed':
      return { word: 'Left', since: format(unsubscribedAt) };
  }
}
