import { z } from 'zod';
import { statesBefore, type Transition } from '../../platform/db/transitions.js';
import { lineSchema } from '../../platform/text/safe-text.js';
import { cadences, type Cadence } from '../../publications/publication.js';
import { languageSchema } from '../../publications/place-schemas.js';
import { digestWordsSchema, NO_WORDS } from '../digest.js';

export type DraftState = 'draft' | 'approved' | 'used' | 'discarded';

/** Which articles an email of its own has: none, what is new to each reader, or those of the choices that have a place. */
export const draftContents = ['none', 'new', 'chosen'] as const;

/** Confirmed readers, all of them or those with these choices. */
const audienceSchema = z.strictObject({
  cadence: z.enum(cadences).optional(),
  locale: languageSchema.optional(),
  topics: z.array(lineSchema(60)).min(1).max(30).optional(),
});

/** What an editor writes. `contents` and `audience` are of an email of its own: those of a rhythm's digest are the rhythm's. */
const draftContentSchema = digestWordsSchema.extend({
  contents: z.enum(draftContents),
  audience: audienceSchema,
});
export type DraftContent = z.infer<typeof draftContentSchema>;

/** Some of it, as a form or a program sends it. */
export const draftChangeSchema = draftContentSchema.partial();
export type DraftChange = z.infer<typeof draftChangeSchema>;

export const EMPTY_CONTENT: DraftContent = {
  ...NO_WORDS,
  articleChoices: [],
  contents: 'none',
  audience: {},
};

export function withChange(content: DraftContent, change: DraftChange): DraftContent {
  const changed = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...content, ...(Object.fromEntries(changed) as Partial<DraftContent>) };
}

/** What is written before it is mailed. */
export type Draft = {
  id: string;
  publicationId: string;
  /** The rhythm of the digest that it is for; null: an email of its own. */
  cadence: Cadence | null;
  /** The digest's; null: whichever is the next of the rhythm. */
  period: string | null;
  /** When the period has passed for all readers. */
  closesAt: Date | null;
  state: DraftState;
  /** Grows with each change of what is written: who changes it names the one that was read. */
  version: number;
  content: DraftContent;
  /** The digest that has it, once it is used. */
  digestId: string | null;
  /** The last digest that went without it, because nobody had approved it in time. */
  missedDigestId: string | null;
  createdAt: Date;
  updatedAt: Date;
};

export type DraftOperation = 'write' | 'change' | 'approve' | 'use' | 'inherit' | 'take-back' | 'discard';

/**
 * The states of a draft. `change` takes an approval back: what was approved is not what is there now. `use` is the opening of
 * its digest, or an order; `take-back` works until the digest's first reader is planned.
 */
export const DRAFT_TRANSITIONS: readonly Transition<DraftState, DraftOperation>[] = [
  { from: null, to: 'draft', by: 'write' },
  { from: 'draft', to: 'draft', by: 'change' },
  { from: 'approved', to: 'draft', by: 'change' },
  { from: 'draft', to: 'approved', by: 'approve' },
  { from: 'approved', to: 'used', by: 'use' },
  { from: 'draft', to: 'used', by: 'use' },
  // Its digest's period passed before a reader joined: the digest that takes its place has it.
  { from: 'used', to: 'used', by: 'inherit' },
  { from: 'used', to: 'draft', by: 'take-back' },
  { from: 'approved', to: 'draft', by: 'take-back' },
  { from: 'draft', to: 'discarded', by: 'discard' },
  { from: 'approved', to: 'discarded', by: 'discard' },
];

/** In which states it may still be changed. */
export const OPEN_STATES = statesBefore(DRAFT_TRANSITIONS, 'change');

/** Nothing is written and nothing chosen: as if it were not there. */
export function isEmpty({ subject, preheader, note, outro, articleChoices }: DraftContent): boolean {
  return [subject, preheader, note, outro].every((text) => text === null) && articleChoices.length === 0;
}
