import type { ComingKind, ReaderKind } from './source.js';

/** A mail that an operator sends to herself, or to another operator, to see it as readers will. */
export type TestMail = {
  id: string;
  publicationId: string;
  /** Who asked for it. */
  operatorId: string;
  recipientId: string;
  /** What it shows: a digest, or the one that is to come. */
  digestId: string | null;
  coming: ComingKind | null;
  draftId: string | null;
  kind: ReaderKind;
  /** failed: the mail server did not take it. It is not tried again. */
  state: 'queued' | 'sending' | 'accepted' | 'failed' | 'uncertain';
  /** The mail server's words, or ours. */
  answer: string | null;
  createdAt: Date;
  updatedAt: Date;
};
