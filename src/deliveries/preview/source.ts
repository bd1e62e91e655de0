import type { Cadence } from '../../publications/publication.js';

/** Of the digest that is to come: that of a rhythm, or `now`: what sending new articles at once would bring. */
export const comingKinds = ['instant', 'daily', 'weekly', 'monthly', 'now'] as const satisfies readonly (
  | Cadence
  | 'now'
)[];
export type ComingKind = (typeof comingKinds)[number];

/** What is looked at before it goes, or after. */
export type PreviewSource =
  | { kind: 'digest'; digestId: string }
  | { kind: 'coming'; coming: ComingKind }
  | { kind: 'draft'; draftId: string };

/** What a reader may have chosen for how her mails look: full texts, summaries, or no pictures, to save data. */
export const formatChoices = ['full', 'summary', 'without-pictures'] as const;

/** As which kind of reader a mail is looked at. What is absent is as the newsletter has it. */
export type ReaderKind = {
  locale?: string | undefined;
  format?: (typeof formatChoices)[number] | undefined;
  topic?: string | undefined;
  /** One of the lists of articles that a digest was planned with: a variant. */
  list?: string | undefined;
};
