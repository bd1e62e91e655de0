import type { Digest, DigestOrder, DigestWords, Variant } from '../../digests/digest.js';
import type { Context } from '../../platform/context.js';
import type { Subscription } from '../../subscribers/subscription.js';
import type { PreviewSource, ReaderKind } from './source.js';

export type ListHead = Pick<Variant, 'id' | 'locale' | 'format' | 'withoutPictures' | 'articleIds'>;

/** Of what a mail is made before it goes, or of which one that went. */
export type PreviewParts = {
  /** Undefined: it is not made yet. */
  digest: Digest | undefined;
  cadence: Digest['cadence'];
  /** What an editor wrote for it, before a digest has it. */
  words: (DigestWords & Pick<DigestOrder, 'articleChoices' | 'audience'>) | undefined;
  reader: Subscription | undefined;
  articleIds: string[];
  /** Nothing is new: these are the latest articles, to show what a mail looks like. */
  isExample: boolean;
  /** The list that this is, of a digest whose readers were found. */
  variantId: string | undefined;
  /** Undefined: nobody says it. */
  locale: string | undefined;
  /** Null: the publication's. */
  format: Variant['format'];
  withoutPictures: boolean;
  /** The longest of the digest's lists, to choose from. */
  lists: ListHead[];
};

export type PreviewPartsResult =
  | { kind: 'parts'; parts: PreviewParts }
  /** This reader gets nothing of it. `why`: a sentence. */
  | { kind: 'nothing'; why: string; reader: Subscription }
  /** There is no such digest, or no such reader, of this publication. */
  | { kind: 'unknown' };

export type PartsContext = Pick<Context, 'db' | 'now' | 'hashAddress' | 'templates'>;

/** What is looked at: as a reader, or as one of a kind. */
export type AskedPreview = { source: PreviewSource; as: ReaderKind; readerId: string | undefined };
