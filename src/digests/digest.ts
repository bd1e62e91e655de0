import { z } from 'zod';
import { isPast } from '../platform/clock/is-past.js';
import type { Context } from '../platform/context.js';
import { DAY_MS } from '../platform/durations.js';
import { lineSchema, textSchema } from '../platform/text/safe-text.js';
import { cadences, type Cadence, type ContentMode } from '../publications/publication.js';
import { choicesSchema, type ArticleChoice } from './article-choices.js';

export type DigestCadence = Cadence | 'operator';

export type DigestState = 'held' | 'approved' | 'sending' | 'paused' | 'closed' | 'cancelled';

/** What a digest is held for until an operator approves it. `draft`: somebody writes words for it, and nobody approved them. */
export type HoldReason = 'approval' | 'no-postal-address' | 'unusual-audience' | 'by-hand' | 'draft';

/** One dated mailing of new articles of a publication. */
export type Digest = {
  id: string;
  publicationId: string;
  cadence: DigestCadence;
  period: string;
  state: DigestState;
  /** Why it was held when it was opened or ordered; empty while it is not held. */
  holdReasons: HoldReason[];
  /** How many readers it was for when it was opened or held; null: nobody counted them. */
  readers: number | null;
  /** How many the last digest of its rhythm was for; null for the first, and for an operator’s. */
  readersBefore: number | null;
  pausedBy: 'operator' | 'mail-server' | null;
  /** The period whose digest inherited its approval, because nobody was planned for this one in time. */
  supersededBy: string | null;
  /** The mail server's own words, when its replies paused it. */
  reason: string | null;
  closesAt: Date | null;
  expiresAt: Date;
  /** When an operator’s digest is to go; null for a rhythm’s, which goes as each reader is due. */
  sendAt: Date | null;
  /** When its first mail was composed; null before. */
  sentAt: Date | null;
  /** When all was deleted but who got which articles, `RETENTION_MONTHS` after it was over; nothing of it is sent again. */
  detailsDeletedAt: Date | null;
  keyId: string;
  createdAt: Date;
} & DigestOrder;

/** What an operator writes over and under a digest. */
export type DigestWords = {
  subject: string | null;
  /** What inboxes show beside the subject; null: ours. */
  preheader: string | null;
  /** Markdown above the articles. */
  note: string | null;
  /** Markdown below them. */
  outro: string | null;
};

/** What an operator chose; a rhythm's digest has the defaults, and the words and choices of its draft. */
export type DigestOrder = DigestWords & {
  /** Articles that an operator placed or left out, in order. */
  articleChoices: ArticleChoice[];
  /** Null: each reader's own due list. Empty: an announcement without articles. */
  articleIds: string[] | null;
  audience: Audience;
  /** Also to readers who have been mailed these articles. */
  again: boolean;
};

/** What an operator may write over a digest. */
export const operatorTextSchema = z.object({
  subject: lineSchema(200),
  preheader: lineSchema(200),
  note: textSchema(8000),
  outro: textSchema(2000),
});

/** All of it, as it is stored. */
export const digestWordsSchema = z.object({
  subject: operatorTextSchema.shape.subject.nullable(),
  preheader: operatorTextSchema.shape.preheader.nullable(),
  note: operatorTextSchema.shape.note.nullable(),
  outro: operatorTextSchema.shape.outro.nullable(),
  articleChoices: choicesSchema,
});

/** Confirmed readers, all of them or those with these choices; of several rhythms, who has one of them. */
export type Audience = { cadence?: Cadence | readonly Cadence[]; locale?: string; topics?: string[] };

/** The rhythms whose readers an audience may have. */
export function cadencesOf({ cadence }: Audience): readonly Cadence[] {
  return cadence === undefined ? cadences : [cadence].flat();
}

/**
 * Whether everybody may read it in the archive: not what went to chosen readers. New articles that go to the readers of several
 * rhythms at once are as public as in the digests of those rhythms, unless an operator wrote something over them.
 */
export function isForEverybody({
  audience,
  ...words
}: Pick<DigestOrder, 'audience'> & Pick<DigestWords, 'subject' | 'note' | 'outro'>): boolean {
  const { cadence, ...rest } = audience;
  if (Object.keys(rest).length > 0) return false;
  const hasWords = words.subject !== null || words.note !== null || words.outro !== null;
  return cadence === undefined || (Array.isArray(cadence) && !hasWords);
}

export const NO_WORDS: DigestWords = { subject: null, preheader: null, note: null, outro: null };

export const DEFAULT_ORDER: DigestOrder = {
  ...NO_WORDS,
  articleChoices: [],
  articleIds: null,
  audience: {},
  again: false,
};

/** Who gets what of a digest. */
export type DigestSelection = Pick<DigestOrder, 'articleIds' | 'audience' | 'again' | 'articleChoices'>;

/** The order of a rhythm's digest is the rhythm. */
export function orderOf({
  cadence,
  articleIds,
  audience,
  again,
  articleChoices,
}: Pick<Digest, 'cadence'> & DigestSelection): DigestSelection {
  if (cadence === 'operator') return { articleIds, audience, again, articleChoices };
  return { articleIds: null, audience: { cadence }, again: false, articleChoices };
}

/** One article list of a digest in one language and format: rendered once, sent to many. */
export type Variant = {
  id: string;
  digestId: string;
  locale: string;
  /** Null: the publication's. */
  format: ContentMode | null;
  withoutPictures: boolean;
  articleIds: string[];
  subject: string | null;
  html: string | null;
  text: string | null;
  renderedAt: Date | null;
};

/** A rendered variant; `mime` is the whole message with placeholders (`composeTemplate`). */
export type RenderedVariant = { subject: string; html: string; text: string; mime: Buffer };

/**
 * What could not be handed over by then is given up: a digest is old news after three days. They begin when it may be sent,
 * and again whenever an operator or a late reader lets it go on.
 */
export const DIGEST_LIFETIME_MS = 3 * DAY_MS;

/** Whether what is left of it is given up. One that waits to be resumed is not: its lifetime begins again then. */
export function isExpired(
  { state, expiresAt }: Pick<Digest, 'state' | 'expiresAt'>,
  context: Pick<Context, 'now' | 'clock'>,
): boolean {
  return state !== 'paused' && isPast(expiresAt, context);
}

/** When a digest is given up whose last reader may join at `closesAt`. */
export function computeExpiry(closesAt: Date | null, now: Date): Date {
  return new Date(Math.max(closesAt?.getTime() ?? 0, now.getTime()) + DIGEST_LIFETIME_MS);
}
