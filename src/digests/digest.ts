import type { Cadence } from '../publications/publication.js';

export type DigestCadence = Cadence | 'operator';

export type DigestState = 'draft' | 'held' | 'approved' | 'sending' | 'paused' | 'closed' | 'cancelled';

/** One dated mailing of new articles of a publication. */
export type Digest = {
  id: string;
  publicationId: string;
  cadence: DigestCadence;
  period: string;
  state: DigestState;
  closesAt: Date | null;
  expiresAt: Date;
  keyId: string;
  createdAt: Date;
};

/** One article list of a digest in one language: rendered once, sent to many. */
export type Variant = {
  id: string;
  digestId: string;
  locale: string;
  articleIds: string[];
  subject: string | null;
  html: string | null;
  text: string | null;
  renderedAt: Date | null;
};

export type RenderedVariant = Variant & { subject: string; html: string; text: string; renderedAt: Date };

export function isRendered(variant: Variant): variant is RenderedVariant {
  return variant.renderedAt !== null;
}

/** A digest is old news after this; what could not be handed over by then is given up. */
export const LIFETIME_MS = 3 * 24 * 3600 * 1000;
