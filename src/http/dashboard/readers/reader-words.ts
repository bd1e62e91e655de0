import type { Cadence } from '../../../publications/publication.js';
import type { SubscriptionStatus } from '../../../subscribers/subscription.js';

/** A reader's state in a word. */
export const stateWords: Readonly<Record<SubscriptionStatus, string>> = {
  pending: 'Waiting',
  added: 'Added, not started',
  confirmed: 'Reading',
  paused: 'Paused',
  unsubscribed: 'Left',
};

export const rhythmWords: Readonly<Record<Cadence, string>> = {
  instant: 'Each article',
  daily: 'Daily',
  weekly: 'Weekly',
  monthly: 'Monthly',
};

const languageNames = new Intl.DisplayNames('en', { type: 'language' });

/** `German`; the tag itself where it is none that has a name. */
export function languageName(tag: string): string {
  try {
    return languageNames.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
